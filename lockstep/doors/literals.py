"""The literal NaN, which is no JSON, and which clients write for a missing number nevertheless."""

import re

NAN, NULL = b"NaN", b"null"
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, or the rest of a body that ends inside one: nothing is read twice, whatever the body is."""


def write_nulls(body: bytes) -> bytes:
    """Return a body with null in place of each NaN outside of its texts."""
    if NAN not in body:
        return body
    written, place = bytearray(), 0  # a list of parts takes forty times the memory of the body
    for text in TEXT.finditer(body):
        written += body[place : text.start()].replace(NAN, NULL)
        written += text[0]
        place = text.end()
    return bytes(written + body[place:].replace(NAN, NULL))
