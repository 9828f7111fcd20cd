"""Bad input through a door: what every protocol refuses, and what only this one can be sent."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from lockstep.parity.bad_input import BadInput
from lockstep.parity.callers import draw_headers
from lockstep.parity.doors.protocol import BadBody, Protocol, Record
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Sent
from lockstep.parity.subject import Subject
from lockstep.scoring.kinds import EMPTY, INVALID_INPUT, MALFORMED, UNAUTHORIZED, WRONG_MEDIA_TYPE

Spoil = Callable[[list[Record], Draws], Iterable[tuple[str, list[Record]]]]
"""From records to records that cannot be right, and why."""


def list_door_cases(
    subject: Subject, protocol: Protocol, draws: Draws, records: list[Record], spoil: Spoil
) -> list[BadInput]:
    """Return each kind of bad input through a door, around some records."""
    right = protocol.write_records(subject, records)
    cases = [
        BadBody("no body", EMPTY, replace(right, body=b"")),
        BadBody("half a body", MALFORMED, replace(right, body=right.body[: draws.between(1, len(right.body) - 1)])),
    ]
    for what, spoilt in spoil(records, draws):
        cases.append(BadBody(what, INVALID_INPUT, protocol.write_records(subject, spoilt)))
    cases += protocol.list_broken(subject, records, draws)
    shown = [_draw_caller(case, draws) for case in cases]
    typed = {**right.headers, "Content-Type": "application/pdf"}
    shown.append(BadInput("a PDF file", WRONG_MEDIA_TYPE, replace(right, headers=typed), is_local=False))
    for what, key in [("a wrong key", "wrong"), ("no key", "")] if subject.client.api_key else []:
        keyed = replace(right, headers={**right.headers, "x-api-key": key})
        shown.append(BadInput(what, UNAUTHORIZED, keyed, is_local=False))
    return shown


def _draw_caller(case: BadBody, draws: Draws) -> BadInput:
    """Return the bad request of a caller that is drawn; its own headers stay."""
    headers = {**draw_headers(draws), "Content-Type": "application/json", **case.sent.headers}
    return BadInput(case.what, case.kind, Sent(case.sent.path, case.sent.body, None, headers), case.is_local)
