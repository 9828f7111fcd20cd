"""What the headers of a request say: the parameters of its media type, and the type of the answer."""

from lockstep.doors.door import JSON
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import NOT_ACCEPTABLE

CSV = "text/csv"
OFFERED = (JSON, CSV)


def read_parameters(header: str) -> tuple[str, dict[str, str]]:
    """Return a media type and its parameters, in lower case."""
    media_type, *parameters = (part.strip() for part in header.lower().split(";"))
    named = (parameter.partition("=") for parameter in parameters)
    return media_type, {name.strip(): value.strip().strip('"') for name, _, value in named}


def choose_media_type(accept: str) -> str:
    """Return the type that an Accept header prefers, JSON if it has no preference; raise `RequestError` for others.

    The range that names a type most exactly decides whether the type is taken.
    """
    ranges = [read_parameters(part) for part in accept.split(",") if part.strip()] or [("*/*", {})]
    ranked = [_rank(media_type, ranges) for media_type in OFFERED]
    if max(ranked)[0] <= 0:
        detail = f"Accept is {accept[:80]!r}; this route answers {' or '.join(OFFERED)}"
        raise RequestError(NOT_ACCEPTABLE, detail)
    return OFFERED[ranked.index(max(ranked))]


def _rank(media_type: str, ranges: list[tuple[str, dict[str, str]]]) -> tuple[float, int]:
    """Return how much a type is wanted, and how exactly the range that says so names it."""
    names = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    found = [(names.index(name), _read_quality(parameters)) for name, parameters in ranges if name in names]
    exactness, quality = max(found, default=(0, 0.0))
    return quality, exactness


def _read_quality(parameters: dict[str, str]) -> float:
    written = parameters.get("q", "1")
    return float(written) if written.replace(".", "", 1).isdecimal() and written.isascii() else 1.0
