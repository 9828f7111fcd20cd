"""Bodies of the Open Inference Protocol, written and read here from its text alone: JSON, and tensors behind it."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

HEADER = "Inference-Header-Content-Length"
FORMATS = {"FP64": "d", "FP32": "f", "INT64": "q", "INT32": "i", "INT8": "b", "UINT8": "B", "UINT64": "Q", "BOOL": "?"}
Input = dict[str, Any]


class Body(NamedTuple):
    """A body and its headers."""

    data: bytes
    headers: dict[str, str]


def tensor(name: str, data: Any, datatype: str = "FP64", shape: Sequence[int] | None = None) -> Input:
    """Return an input with its elements in JSON."""
    return {"name": name, "shape": list(shape or [len(data)]), "datatype": datatype, "data": data}


def octets_of(elements: Sequence[Any], datatype: str) -> bytes:
    """Return the bytes of elements."""
    if datatype == "BYTES":
        texts = [element if isinstance(element, bytes) else element.encode() for element in elements]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return struct.pack(f"<{len(elements)}{FORMATS[datatype]}", *elements)


def write_json(*inputs: Input, **members: Any) -> Body:
    """Return a body without bytes behind it."""
    return Body(json.dumps({"inputs": inputs, **members}).encode(), {})


def write_binary(*inputs: Input, **members: Any) -> Body:
    """Return a body with all tensors behind its JSON, as most clients send them by default."""
    described, parts = [], []
    for each in inputs:
        data = np.array(each["data"], object).ravel().tolist() if len(each["shape"]) > 1 else each["data"]
        parts.append(octets_of(data, each["datatype"]))
        told = {name: value for name, value in each.items() if name != "data"}
        described.append({**told, "parameters": {"binary_data_size": len(parts[-1])}})
    return join(json.dumps({"inputs": described, **members}).encode(), b"".join(parts))


def join(text: bytes, octets: bytes) -> Body:
    """Return a body of JSON and bytes, with the header that says where they part."""
    return Body(text + octets, {HEADER: str(len(text))})


def read_outputs(data: bytes, headers: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the elements of every output by its name, wherever they are."""
    length = int(headers.get(HEADER, len(data)))
    told, octets, outputs = json.loads(data[:length]), data[length:], {}
    for each in told["outputs"]:
        if "data" in each:
            outputs[each["name"]] = each["data"]
            continue
        size = each["parameters"]["binary_data_size"]
        outputs[each["name"]] = _read_octets(octets[:size], each["datatype"])
        octets = octets[size:]
    assert octets == b""
    return outputs


def _read_octets(octets: bytes, datatype: str) -> list[Any]:
    if datatype != "BYTES":
        return [element for (element,) in struct.iter_unpack(f"<{FORMATS[datatype]}", octets)]
    texts = []
    while octets:
        (length,) = struct.unpack_from("<I", octets)
        texts.append(octets[4 : 4 + length].decode())
        octets = octets[4 + length :]
    return texts
