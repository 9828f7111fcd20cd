"""Rows as the tensors that a model's metadata asks for, one of each column."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.doors.clients.job import Job

DTYPES = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64, "BOOL": np.bool_, "BYTES": np.object_}
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Tensor:
    """One column of the rows, of the datatype and rank that the metadata declares."""

    name: str
    datatype: str
    values: NDArray[Any]

    @property
    def shape(self) -> list[int]:
        """Return its shape."""
        return list(self.values.shape)


def read_metadata(job: Job) -> dict[str, Any]:
    """Return the metadata of the model, for clients that have no call for it."""
    with urllib.request.urlopen(f"{job.url}/v2/models/{job.model}", timeout=TIMEOUT_S) as response:  # noqa: S310
        metadata: dict[str, Any] = json.load(response)
    return metadata


def make_tensors(job: Job, metadata: Mapping[str, Any]) -> list[Tensor]:
    """Return a tensor for each input of the model; a missing number is NaN."""
    tensors = []
    for declared in metadata["inputs"]:
        place = job.columns.index(declared["name"])
        cells = [row[place] for row in job.rows]
        values: NDArray[Any] = np.array(cells, dtype=DTYPES[declared["datatype"]])
        tensors.append(Tensor(declared["name"], declared["datatype"], values.reshape(-1, *declared["shape"][1:])))
    return tensors


def flatten(values: NDArray[Any]) -> list[Any]:
    """Return the cells of an output, row after row."""
    return list(values.ravel().tolist())
