"""The binary tensor extension: JSON first, its length in a header, then the bytes of tensors, back to back."""

import struct
from collections.abc import Iterable, Sequence

from lockstep.data.cells import MAX_SHOWN_CHARACTERS
from lockstep.doors.oip.wire import RequestInput
from lockstep.errors import MAX_SOUGHT, InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import BAD_REQUEST

HEADER_LENGTH = "Inference-Header-Content-Length"
OCTETS = "application/octet-stream"
LENGTH = struct.Struct("<I")
"""What stands before each element of BYTES: how many bytes it has."""
MAX_DIGITS = 15
Misfit = tuple[int, str]
"""The place of an element that cannot be right, and why."""


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
        shown = f"{declared}"[:MAX_SHOWN_CHARACTERS]
        reason = f"the inputs declare {shown} bytes, but {len(octets)} follow the JSON"
        hint = "" if octets else f"; the header {HEADER_LENGTH} says how long that is"
        raise InvalidInput([Problem(None, "binary_data_size", reason + hint)])
    parts: list[memoryview | None] = []
    for size in sizes:
        parts.append(None if size is None else octets[:size])
        octets = octets[size or 0 :]
    return parts


def read_texts(octets: memoryview, n_elements: int) -> tuple[list[str], list[Misfit]]:
    """Return the texts of a tensor of BYTES, each after its length, and what cannot be right.

    The texts end where a length does not fit, or after `MAX_SOUGHT` whose bytes are not UTF-8; these are none.
    """
    texts: list[str] = []
    misfits: list[Misfit] = []
    held, n_bytes, place = octets.tobytes(), len(octets), 0
    for element in range(n_elements):
        begin = place + LENGTH.size
        place = begin + LENGTH.unpack_from(held, place)[0] if begin <= n_bytes else begin
        if place > n_bytes:
            return texts, [(element, f"its text ends beyond the {n_bytes} bytes of the tensor")]
        try:
            texts.append(held[begin:place].decode())
        except UnicodeDecodeError:
            misfits.append((element, "its bytes are not UTF-8"))
            if len(misfits) == MAX_SOUGHT:
                return texts, misfits
    if left := n_bytes - place:
        misfits.append((n_elements - 1, f"{left} bytes of the tensor are left after its text"))
    return texts, misfits


def write_elements(elements: Iterable[bytes]) -> bytes:
    """Return the bytes of a tensor of BYTES."""
    return b"".join(LENGTH.pack(len(element)) + element for element in elements)
