"""Which series of a panel are checked at boot: as many as these, chosen by its digest, the same on every machine."""

import hashlib

DRAWN_SERIES = 16


def draw_places(digest: str, n_series: int) -> list[int]:
    """Return the places of `DRAWN_SERIES` different series, in order; of all series if there are no more.

    Draw i (0, 1, 2, …) is the SHA-256 of the text `DIGEST:i`, as a big-endian whole number, modulo `n_series`. A place
    that was drawn before is passed over.
    """
    if n_series <= DRAWN_SERIES:
        return list(range(n_series))
    drawn: set[int] = set()
    draw = 0
    while len(drawn) < DRAWN_SERIES:
        content = hashlib.sha256(f"{digest}:{draw}".encode()).digest()
        drawn.add(int.from_bytes(content) % n_series)
        draw += 1
    return sorted(drawn)
