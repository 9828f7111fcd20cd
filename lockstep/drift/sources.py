"""What forecasts: a service at a URL, or a bundle behind the routes of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec

from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import CHAMPION
from lockstep.data.bars import Array
from lockstep.drift.ranges import LearnedRanges, learn_ranges
from lockstep.errors import LockstepError
from lockstep.parity.answers import Reply, ServedModel, UnexpectedAnswer, decode_json, read_json
from lockstep.parity.client import ServiceClient
from lockstep.parity.local import open_door, receive
from lockstep.parity.posted import Sent
from lockstep.parity.quoting import quote_text

MAX_ROWS = 20_000
"""How many rows a bundle takes at once here: as many as a service by default."""
ROW_BYTES = 320
"""More bytes than a bar has in a body."""
REFUSED = (400, 409, 413, 422)
"""With such a status a service says what is wrong with the rows, or with the model that was asked for."""

Body = Mapping[str, Any]
Learned = tuple[LearnedRanges, Array]


class NotTaken(LockstepError):
    """A refusal by a service of what was posted, in its words."""


class NotWatched(LockstepError):
    """A model whose drift cannot be measured."""


class Source(Protocol):
    """A model that forecasts posted bars; its features read all of its history if `whole_history` is true."""

    @property
    def max_rows(self) -> int:
        """Return how many rows one request may post."""

    @property
    def whole_history(self) -> bool:
        """Return whether its features read more than the look-back."""

    @property
    def learned(self) -> Learned | None:
        """Return the ranges of the features in the learning rows, and the features of the test rows, if it is known."""

    def ask(self, path: str, body: Body) -> Any:
        """Return the answer of a route, decoded; raise a `LockstepError`."""


@dataclass(frozen=True)
class BundleSource:
    """A bundle of a series; `version` is its number."""

    bundle: SeriesBundle
    version: int
    max_rows: int = MAX_ROWS

    @property
    def whole_history(self) -> bool:
        """Return whether its features read all of its history."""
        return self.bundle.manifest.feature_set.whole_history

    @cached_property
    def _registry(self) -> Registry:
        served = Served(self.bundle.manifest.name, self.version, (CHAMPION,), self.bundle, SelfCheck(0, 0.0))
        return Registry((served,), served)

    def ask(self, path: str, body: Body) -> Any:
        """Return what the route of a service would answer; raise what it refuses."""
        door = open_door(path)
        asked = door.decode(receive(door, Sent(path, msgspec.json.encode(body)), self.max_rows))
        return msgspec.json.decode(door.encode(door.score(self._registry, asked, None), "").body)

    @property
    def learned(self) -> Learned:
        """Return what the stored bars say."""
        manifest, forecaster = self.bundle.manifest, self.bundle.forecaster
        features = forecaster.build_features(self.bundle.bars)
        learned = learn_ranges(manifest.feature_set.columns, features[self.bundle.learning_rows])
        return learned, features[-manifest.test.rows :]


@dataclass(frozen=True)
class ServiceSource:
    """A service, and the version of a model that is asked of it; of a panel, the series as well."""

    client: ServiceClient
    served: ServedModel
    max_rows: int
    symbol: str | None = None

    @property
    def whole_history(self) -> bool:
        """Return whether its features read all of its history."""
        return self.served.whole_history

    @property
    def learned(self) -> None:
        """Return None: a service does not show its stored bars."""

    def ask(self, path: str, body: Body) -> Any:
        """Return the answer of the service; raise `NotTaken` for a refusal, else a `ServiceError`."""
        named: Body = {"model": self.served.name, "version": self.served.version}
        if self.symbol is not None:
            named = {**named, "symbol": self.symbol}
        reply = self.client.send("POST", path, msgspec.json.encode({**body, **named}))
        if reply.status_code in REFUSED:
            hint = "; name a series with --symbol" if self.served.symbol is None and self.symbol is None else ""
            raise NotTaken(f"{reply.asked} answered {reply.status_code}: {_read_detail(reply)}{hint}")
        return read_json(reply)


def _read_detail(reply: Reply) -> str:
    """Return what a refusal says, in one line."""
    try:
        told = decode_json(reply)
    except UnexpectedAnswer:
        told = {}
    detail = told.get("detail") if isinstance(told, dict) else None
    return quote_text(str(detail or "without a reason"))


def find_served(
    client: ServiceClient, model: str | None, version: str | None, symbol: str | None = None
) -> ServiceSource:
    """Return the version of a model that a service holds; by default the champion of its default model.

    `version` is a number or an alias, `symbol` names a series of a panel. Raises `NotWatched`, naming what there is,
    and a `ServiceError`.
    """
    client.check_access()
    told = client.get_version()
    default = next((each.name for each in told.models if each.default), None)
    for each in told.models:
        if each.name == (model or default) and (version or CHAMPION) in (*each.aliases, str(each.version)):
            max_rows = min(told.limits.max_rows, told.limits.max_body_bytes // ROW_BYTES)
            return ServiceSource(client, each, max_rows, symbol)
    held = ", ".join(f"{each.name}/{each.version}" for each in told.models) or "nothing"
    raise NotWatched(quote_text(f"{client.url} serves {held}; name one of them with --model and --version"))
