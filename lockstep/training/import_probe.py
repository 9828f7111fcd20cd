"""Read a fitted model of unknown origin in a process of its own: `python -m lockstep.training.import_probe`.

The file comes in and a pickle of this library's own writing goes out, as MessagePack. What the file could do in spite
of the allow-list, it would do here, where nothing else is.
"""

import sys
from pathlib import Path
from typing import Literal

import msgspec

from lockstep.applications import read_application
from lockstep.bundles.dumping import dump_objects
from lockstep.bundles.fitted_state.check import check_state, walk_parts
from lockstep.bundles.trusted import Trusted, load_trusted
from lockstep.bundles.unpickle import unpickle_joblib
from lockstep.errors import ForbiddenPickle, InvalidBundle, LockstepError, VersionMismatch


class Request(msgspec.Struct, frozen=True):
    """The file's name and content, and the folder of the application whose trusted classes it may hold."""

    name: str
    content: bytes
    application: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The model's pickle, its classes by name, the trusted ones; or what refused it."""

    pickle: bytes = b""
    classes: list[str] = []
    trusted: list[str] = []
    refused: str = ""
    kind: Literal["forbidden", "version", "invalid"] = "invalid"


KINDS: dict[type[LockstepError], Literal["forbidden", "version", "invalid"]] = {
    ForbiddenPickle: "forbidden",
    VersionMismatch: "version",
    InvalidBundle: "invalid",
}


def read_model(request: Request) -> Answer:
    """Return what is in the file, checked as the pickles of a bundle are."""
    application = read_application(Path(request.application)) if request.application else None
    try:
        trusted = load_trusted(application.trusted, application) if application else Trusted()
        fitted = unpickle_joblib(request.content, request.name, trusted.objects)
        check_state(fitted, trusted.objects)
    except LockstepError as error:
        return Answer(refused=str(error), kind=KINDS.get(type(error), "invalid"))
    classes = {type(part).__name__: None for part in walk_parts(fitted, trusted.objects) if hasattr(part, "get_params")}
    content, used = dump_objects(fitted, trusted.objects)
    return Answer(content, list(classes)[::-1], list(used))


if __name__ == "__main__":
    answer = read_model(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Request))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
