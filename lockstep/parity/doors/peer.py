"""Whose server answers behind a door: our own service, our code in another server, or somebody else's."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from lockstep.parity.answers import NotOurs, UnexpectedAnswer, Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.doors.protocol import Protocol

if TYPE_CHECKING:
    from lockstep.parity.subject import Subject

SILENT = Version([], {}, {})
"""Stands for the `/version` of a server that has none."""
NO_SUCH_DOOR = (401, 403, 404, 405)


class Identity(enum.StrEnum):
    """How a server shows which bundle answers: by `/version` and a digest with each answer, by digests, or not."""

    SHOWN = "shown"
    DIGEST = "shown by the digest of each answer alone"
    NOT_SHOWN = "not shown"

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the checks that need what such a server does not show."""
        return ("errors", "identity") if self is Identity.NOT_SHOWN else ()


def read_version(client: ServiceClient) -> Version:
    """Return what `/version` says, `SILENT` if it is missing or that of another server."""
    try:
        return client.get_version()
    except UnexpectedAnswer:
        return SILENT


def find_identity(subject: Subject, protocol: Protocol) -> Identity:
    """Return how a server without our `/version` shows which bundle answers: by digests, or not.

    Raises `NotOurs` if it does not let us through the door.
    """
    sent = protocol.write_records(subject, subject.list_records(subject.tested.select(slice(1))))
    reply = subject.client.send("POST", sent.path, sent.body, sent.headers)
    if reply.status_code in NO_SUCH_DOOR:
        url, path, status = subject.client.url, sent.path, reply.status_code
        raise NotOurs(f"{url} is no Lockstep service and has no door {protocol.name}: POST {path} answered {status}")
    return Identity.DIGEST if "X-Model-Digest" in reply.headers else Identity.NOT_SHOWN
