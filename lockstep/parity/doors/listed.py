"""The protocols whose doors the suite can go through."""

from lockstep.parity.doors import azure, mlflow, oip, predict
from lockstep.parity.doors.protocol import Protocol

ALL = (azure.PROTOCOL, mlflow.PROTOCOL, oip.PROTOCOL, predict.PROTOCOL)
PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in ALL}
