"""The protocols whose doors the suite can go through."""

from lockstep.parity.doors import predict
from lockstep.parity.doors.protocol import Protocol

PROTOCOLS: dict[str, Protocol] = {each.name: each for each in (predict.PROTOCOL,)}
