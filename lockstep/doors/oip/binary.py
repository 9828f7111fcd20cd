"""The binary tensor extension: JSON first, its length in a header, then the bytes of tensors, back to back."""

from collections.abc import Iterable, Sequence

from lockstep.data.schema import MAX_SHOWN_CHARACTERS
from lockstep.doors.oip.wire import RequestInput
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import BAD_REQUEST

HEADER_LENGTH = "Inference-Header-Content-Length"
OCTETS = "application/octet-stream"
LENGTH_BYTES = 4
"""Before each element of BYTES: how many bytes it has, little-endian."""
MAX_DIGITS = 15


def split_body(body: bytes, declared: str | None) -> tuple[bytes, memoryview]:
    """Return the JSON and what follows it; `declared` is the header. Raises `RequestError`."""
    if declared is None or not body:
        return body, memoryview(b"")
    is_number = declared.isascii() and declared.isdigit() and len(declared) <= MAX_DIGITS
    if not is_number or not 0 < int(declared) <= len(body):
        expected = f"expected how many of the {len(body)} bytes of the body are JSON"
        raise RequestError(BAD_REQUEST, f"{HEADER_LENGTH} is {declared[:MAX_SHOWN_CHARACTERS]!r}; {expected}")
    return body[: int(declared)], memoryview(body)[int(declared) :]


def split_tensors(inputs: Sequence[RequestInput], octets: memoryview) -> list[memoryview | None]:
    """Return the bytes of each input, None for those in JSON; raise `InvalidInput` unless the sizes fit."""
    sizes = [each.binary_size for each in inputs]
    declared = sum(size or 0 for size in sizes)
    if declared != len(octets):
        reason = f"the inputs declare {declared} bytes, but {len(octets)} follow the JSON"
        hint = "" if octets else f"; the header {HEADER_LENGTH} says how long that is"
        raise InvalidInput([Problem(None, "binary_data_size", reason + hint)])
    parts: list[memoryview | None] = []
    for size in sizes:
        parts.append(None if size is None else octets[:size])
        octets = octets[size or 0 :]
    return parts


def read_elements(octets: memoryview, n_elements: int) -> tuple[list[bytes], str | None]:
    """Return the elements of a tensor of BYTES, each after its length, and what does not fit, None if all does."""
    elements: list[bytes] = []
    place = 0
    for _ in range(n_elements):
        begin = place + LENGTH_BYTES
        place = begin + int.from_bytes(octets[place:begin], "little")
        if begin > len(octets) or place > len(octets):
            return elements, f"the element ends beyond the {len(octets)} bytes of its tensor"
        elements.append(bytes(octets[begin:place]))
    return elements, f"the bytes go on for {left} after the last element" if (left := len(octets) - place) else None


def write_elements(elements: Iterable[bytes]) -> bytes:
    """Return the bytes of a tensor of BYTES."""
    return b"".join(len(element).to_bytes(LENGTH_BYTES, "little") + element for element in elements)
