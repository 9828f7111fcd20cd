"""What a service answers, read strictly, and what is wrong where it cannot be read."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from lockstep.bundles.machine import Machine
from lockstep.errors import LockstepError


class ServiceUnreachable(LockstepError):
    """No answer came, after how many attempts."""


class NotOurs(LockstepError):
    """What answers is no such service, or does not let us in."""


class UnexpectedAnswer(LockstepError):
    """An answer came that is not a forecast, with its status and what it said."""


class ServedModel(msgspec.Struct, frozen=True):
    """One version of a model that a service holds; the `default` one answers if a request names none."""

    name: str
    version: int
    aliases: list[str]
    symbol: str
    digest: str
    default: bool


class ServedSelfCheck(msgspec.Struct, frozen=True):
    """Whether a service reproduced the evaluation of one of its bundles when it started."""

    equal: bool


class Version(msgspec.Struct, frozen=True):
    """What `/version` says: the models, their self-checks by `name/version`, and what they run on."""

    models: list[ServedModel]
    libraries: dict[str, str]
    self_check: dict[str, ServedSelfCheck]
    commit: str = "unknown"
    machine: Machine | None = None


@dataclass(frozen=True)
class Answer:
    """A forecast as answered: dates and values in the answer's order, and a digest of each stage by date.

    `columns` are all columns of the frame, by name, and its `index`; empty where the answer was no frame.
    """

    dates: list[str]
    y_pred: list[float | None]
    trace: dict[str, list[str]] = field(default_factory=dict)
    traced_dates: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
