"""The binary tensor extension: JSON first, its length in a header, then the bytes of tensors, back to back."""

from collections.abc import Iterable, Sequence

from lockstep.data.schema import MAX_SHOWN_CHARACTERS
from lockstep.doors.oip.wire import RequestInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

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
        shown = declared[:MAX_SHOWN_CHARACTERS]
        detail = f"{HEADER_LENGTH} is {shown!r}; expected how many of the {len(body)} bytes of the body are JSON"
        raise RequestError(MALFORMED, detail)
    return body[: int(declared)], memoryview(body)[int(declared) :]


def split_tensors(inputs: Sequence[RequestInput], octets: memoryview) -> list[memoryview | None]:
    """Return the bytes of each input, None for those in JSON; raise `RequestError` unless the sizes fit."""
    sizes = [each.binary_size for each in inputs]
    declared = sum(size or 0 for size in sizes)
    if declared != len(octets):
        detail = f"the inputs declare {declared} bytes in binary_data_size; {len(octets)} follow the JSON"
        hint = "" if octets else f", whose length {HEADER_LENGTH} declares"
        raise RequestError(MALFORMED, detail + hint)
    parts: list[memoryview | None] = []
    for size in sizes:
        parts.append(None if size is None else octets[:size])
        octets = octets[size or 0 :]
    return parts


def read_elements(octets: memoryview, n_elements: int, name: str) -> list[bytes]:
    """Return the elements of a tensor of BYTES, each after its length; raise `RequestError` unless they fit."""
    elements, place = [], 0
    for element in range(n_elements):
        begin = place + LENGTH_BYTES
        place = begin + int.from_bytes(octets[place:begin], "little")
        if begin > len(octets) or place > len(octets):
            raise _refuse_length(name, f"its element {element} ends beyond them")
        elements.append(bytes(octets[begin:place]))
    if place < len(octets):
        raise _refuse_length(name, f"its {n_elements} elements end after {place}")
    return elements


def write_elements(elements: Iterable[bytes]) -> bytes:
    """Return the bytes of a tensor of BYTES."""
    return b"".join(len(element).to_bytes(LENGTH_BYTES, "little") + element for element in elements)


def show_name(name: str) -> str:
    """Return the name of a tensor as a message shows it."""
    return repr(name[:MAX_SHOWN_CHARACTERS])


def _refuse_length(name: str, reason: str) -> RequestError:
    return RequestError(MALFORMED, f"the tensor {show_name(name)} does not fit its bytes: {reason}")
