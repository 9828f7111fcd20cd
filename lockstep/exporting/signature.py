"""What a model reads and answers, as a signature of MLflow."""

from collections.abc import Mapping

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.data.bars import DATE
from lockstep.data.column import ColumnSchema
from lockstep.data.schema import ADJUSTED_CLOSE, BarsSchema
from lockstep.data.table import TableSchema

HISTORY = {"name": "history", "type": "string", "default": "stored", "shape": None}
"""Whether stored bars are used; see `/v1/forecast`."""
OUTPUTS: Mapping[type, str] = {bool: "boolean", int: "long", float: "double", str: "string"}


def describe_signature(bundle: Bundle) -> dict[str, str | None]:
    """Return the signature: inputs, outputs and params, each as JSON."""
    is_series = isinstance(bundle.schema, BarsSchema)
    output = OUTPUTS[type(bundle.manifest.classes[0])] if bundle.manifest.classes else "double"
    return {
        "inputs": _write(list_inputs(bundle.schema)),
        "outputs": _write([{"type": output, "required": True}]),
        "params": _write([HISTORY]) if is_series else None,
    }


def list_inputs(schema: BarsSchema | TableSchema) -> list[dict[str, object]]:
    """Return the columns: all are required but the date, which may be in the index, and an adjusted close."""
    if isinstance(schema, TableSchema):
        return [_describe(column.name, _name_type(column)) for column in schema.columns]
    prices = [_describe(name, "double") for name in schema.columns]
    optional = [_describe(ADJUSTED_CLOSE, "double", required=False)]
    return [_describe(DATE, "datetime", required=False), *prices, *optional]


def _name_type(column: ColumnSchema) -> str:
    """Return MLflow's type of a column; whole numbers are doubles if one may be missing, which no long can be."""
    if column.kind == "text":
        return "string"
    return "long" if column.type == "integer" and not column.takes_missing else "double"


def _describe(name: str, kind: str, *, required: bool = True) -> dict[str, object]:
    return {"type": kind, "name": name, "required": required}


def _write(described: object) -> str:
    return msgspec.json.encode(described).decode()
