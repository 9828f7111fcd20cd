"""The outputs of a model as tensors: what its metadata say, and the values of an answer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.doors.oip.binary import write_elements
from lockstep.doors.oip.datatypes import BOOL, BYTES, ELEMENTS, FP64, INT64
from lockstep.doors.oip.wire import ResponseOutput, TensorMetadata
from lockstep.doors.series_warnings import warn_of_series
from lockstep.errors import InvalidInput, Problem
from lockstep.predict.stages import PREDICTION, PROBA
from lockstep.scoring.score import Answer

DATATYPES_OF = {"float64": FP64, "int64": INT64, "bool": BOOL, "text": BYTES}
"""The datatype of a prediction by the type of its column in the evaluation."""
Values = NDArray[Any]


def describe_outputs(bundle: Bundle) -> list[TensorMetadata]:
    """Return the outputs of a model: the prediction and, if it has them, the probabilities of its classes."""
    columns = bundle.manifest.evaluation
    datatype = next(DATATYPES_OF[column.type] for column in columns if column.stage == PREDICTION)
    n_classes = sum(column.stage == PROBA for column in columns)
    outputs = [TensorMetadata(PREDICTION, datatype, [-1])]
    return [*outputs, TensorMetadata(PROBA, FP64, [-1, n_classes])] if n_classes else outputs


def write_output(described: TensorMetadata, answer: Answer, is_binary: bool) -> tuple[ResponseOutput, bytes]:
    """Return an output of an answer, and its bytes if it follows as such."""
    values = _spread(answer, answer.forecast.stages[described.name])
    output = ResponseOutput(described.name, described.datatype, list(values.shape))
    if not is_binary:
        output.data = values.ravel().tolist()
        return output, b""
    octets = _write_binary(values, described.datatype)
    output.parameters = {"binary_data_size": len(octets)}
    return output, octets


def list_warnings(answer: Answer) -> list[str]:
    """Return what is worth knowing of the posted rows."""
    bundle = answer.served.bundle
    return warn_of_series(bundle, answer) if isinstance(bundle, SeriesBundle) else answer.posted.describe_unlearned()


def _spread(answer: Answer, values: Values) -> Values:
    """Return one of `values` for each posted row; NaN or None where there is no forecast."""
    n_rows, rows = len(answer.request.table), answer.forecast.rows
    if rows.size == n_rows:
        return values
    spread = np.full((n_rows, *values.shape[1:]), np.nan if values.dtype.kind == "f" else None)
    spread[rows] = values
    return spread


def _write_binary(values: Values, datatype: str) -> bytes:
    if datatype == BYTES:
        return write_elements((value or "").encode() for value in values.tolist())
    if values.dtype.kind == "O":
        reason = f"rows without a forecast have no {datatype} in bytes; ask for JSON, where they are null"
        raise InvalidInput([Problem(None, "outputs", reason)])
    return values.astype(ELEMENTS[datatype]).tobytes()
