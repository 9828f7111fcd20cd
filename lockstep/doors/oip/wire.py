"""What the protocol reads and writes, as types: they are what is decoded, and what `/openapi.json` describes."""

import math
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from lockstep.doors.oip.datatypes import DATATYPES
from lockstep.scoring.problems import ProblemBody

Datatype = Annotated[str, Meta(extra_json_schema={"enum": list(DATATYPES)})]
Size = Annotated[float, Meta(ge=0, multiple_of=1, extra_json_schema={"type": "integer"})]
"""A whole number, which JSON may write as 3.0 too."""
Shape = Annotated[list[Size], Meta(extra_json_schema={"minItems": 1, "maxItems": 2})]
ContentType = Literal["np", "pd", "str", "datetime"]
"""How MLServer's clients made a tensor; it does not change what an element means."""


class InputParameters(msgspec.Struct, forbid_unknown_fields=True):
    """Options of an input: `binary_data_size` is how many bytes it has behind the JSON."""

    binary_data_size: Size | None = None
    content_type: ContentType | None = None


class RequestInput(msgspec.Struct, forbid_unknown_fields=True):
    """A tensor: one column, of shape [n] or [n, 1], or all columns in the order of the Schema, of shape [n, k].

    `data` is flat or nested as the shape is. A missing cell is null, or NaN in bytes.
    """

    name: str
    shape: Shape
    datatype: Datatype
    parameters: InputParameters | None = None
    data: list[Any] | None = None

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Return the shape."""
        return tuple(map(int, self.shape))

    @property
    def n_elements(self) -> int:
        """Return how many elements the shape says there are."""
        return math.prod(self.dimensions)

    @property
    def binary_size(self) -> int | None:
        """Return how many bytes follow the JSON, None for a tensor inside it."""
        size = self.parameters.binary_data_size if self.parameters else None
        return None if size is None else int(size)


class OutputParameters(msgspec.Struct, forbid_unknown_fields=True):
    """Options of an output: `binary_data` puts it behind the JSON."""

    binary_data: bool | None = None


class RequestOutput(msgspec.Struct, forbid_unknown_fields=True):
    """An output to answer with: `prediction`, or `proba` of a classifier that has probabilities."""

    name: str
    parameters: OutputParameters | None = None

    @property
    def is_binary(self) -> bool | None:
        """Return whether it follows as bytes, None if it does not say."""
        return self.parameters.binary_data if self.parameters else None


class RequestParameters(msgspec.Struct, forbid_unknown_fields=True):
    """Options of a request.

    `binary_data_output` puts outputs behind the JSON unless they say otherwise. With the `history` of `none` the bars
    of a series stand alone. `symbol` names a series of a model of many. Those that clients send beside these change
    nothing: `priority`, `timeout` and `content_type`.
    """

    binary_data_output: bool | None = None
    history: Literal["stored", "none"] | None = None
    symbol: str | None = None
    content_type: ContentType | None = None
    priority: int | None = None
    timeout: int | None = None


class InferRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `infer`, or its JSON if tensors follow as bytes.

    `model_name`, which the clients of KServe repeat, is the one of the path. Without `outputs` all are answered.
    """

    inputs: Annotated[list[RequestInput], Meta(min_length=1)]
    id: str | None = None
    model_name: str | None = None
    parameters: RequestParameters | None = None
    outputs: list[RequestOutput] | None = None

    @property
    def n_members(self) -> int:
        """Return how many members the objects of the body have that are not null."""
        named = (*self.inputs, *(self.outputs or ()))
        parts = [self, *named, self.parameters, *(each.parameters for each in named)]
        return sum(member is not None for part in parts if part for member in msgspec.structs.astuple(part))


class ResponseOutput(msgspec.Struct):
    """A tensor of the answer, its elements in row-major order; null if a row has no forecast.

    If it follows as bytes, it has no `data`, and `parameters` hold its `binary_data_size`.
    """

    name: str
    datatype: Datatype
    shape: list[int]
    data: list[bool | int | float | str | None] | UnsetType = UNSET
    parameters: dict[str, int] | UnsetType = UNSET


class InferAnswer(msgspec.Struct):
    """The answer of `infer`: `parameters` hold the `warnings`, a line for each, if there are some."""

    model_name: str
    model_version: str
    outputs: list[ResponseOutput]
    id: str | UnsetType = UNSET
    parameters: dict[str, str] | UnsetType = UNSET


class TensorMetadata(msgspec.Struct):
    """The name, datatype and shape of a tensor; -1 is the number of rows."""

    name: str
    datatype: Datatype
    shape: list[int]


class ModelMetadata(msgspec.Struct):
    """The description of a model.

    `properties` are its kind, the digest of the version and, of a classifier, its `classes`: a JSON list in the order
    of `proba`.
    """

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    properties: dict[str, str]


class ServerMetadata(msgspec.Struct):
    """The description of the server."""

    name: str
    version: str
    extensions: list[str]


class ServerHealth(msgspec.Struct):
    """Whether the process is alive, and whether every self-check passed."""

    live: bool
    ready: bool


class ModelReady(msgspec.Struct):
    """Whether the self-check of a version passed."""

    name: str
    ready: bool


class OipProblem(ProblemBody, kw_only=True):
    """The body of every answer that is not a success: `error`, which the protocol's clients show, and our members."""

    error: str
