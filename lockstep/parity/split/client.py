"""A client of one of several versions behind an address: it asks again until that version answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.bundles.versions import CHAMPION
from lockstep.parity.answers import Reply, ServedModel, ServiceUnreachable, Version
from lockstep.parity.client import LONGEST_ROW, ServiceClient
from lockstep.parity.split.callers import Callers
from lockstep.parity.transport import Asked, Headers


@dataclass(frozen=True)
class Aim:
    """Whose answers a client takes: those of the version `digest`, none of `others`, in `tries` tries of a request.

    Without `others`, the first answer is taken. Each try is that of one of the `callers`, if there are any.
    """

    digest: str = ""
    others: frozenset[str] = frozenset()
    tries: int = 1
    callers: Callers | None = None


class ArmClient(ServiceClient):
    """A client that takes the answers of one version, by the digest that each answer carries.

    A refusal carries the digest of the default model. So if another model is proven, a refusal of any version is
    taken. Each try has a connection of its own, as what stands in front may split connections and not requests.
    `passed_over` counts the answers of other versions, `most_tries` is what one request took.
    """

    def __init__(self, url: str, api_key: str | None, aim: Aim) -> None:
        super().__init__(url, api_key)
        self.aim = aim
        self.passed_over, self.most_tries = 0, 0

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Headers | None = None, *, n_rows: int = 0
    ) -> Reply:
        """Return the answer of this version; raise `ServiceUnreachable` if only others answered.

        Raises what `ServiceClient.send` raises. A caller that the headers name is kept.
        """
        for attempt in range(self.aim.tries):
            calling = self._choose_caller(headers or {}, is_first=attempt == 0)
            reply = super().send(method, path, body, calling, n_rows=n_rows)
            self._note(calling, reply)
            if read_digest(reply) not in self.aim.others:
                self.most_tries = max(self.most_tries, attempt + 1)
                return reply
        raise self._miss(f"{method} {self.url}{path}")

    def get_version(self) -> Version:
        """Return what `/version` says at this version, which is the champion there."""
        for _ in range(self.aim.tries):
            version = super().get_version()
            champions = {each.digest for each in version.models if each.name == self.model and CHAMPION in each.aliases}
            if not champions & self.aim.others:
                return version
        raise self._miss(f"GET {self.url}/version")

    def list_names(self, served: ServedModel) -> Sequence[str | int]:
        """Return how requests may name the version: any other name is answered wherever the version is loaded."""
        return [CHAMPION]

    def _miss(self, asked: str) -> ServiceUnreachable:
        return ServiceUnreachable(
            f"{asked}: each of {self.aim.tries} answers came from another version than {self.aim.digest[:12]}"
        )

    def _choose_caller(self, headers: Headers, *, is_first: bool) -> Headers:
        callers = self.aim.callers
        if callers is None or callers.header in headers:
            return headers
        known = callers.recall(self.aim.digest) if is_first else None
        return {**headers, callers.header: known or callers.draw()}

    def _note(self, headers: Headers, reply: Reply) -> None:
        if callers := self.aim.callers:
            callers.note(str(headers[callers.header]), read_digest(reply))

    def _bound(self, body: bytes | None, n_rows: int) -> int:
        self.longest_row = max(self.longest_row, LONGEST_ROW)  # another version may have more to say
        return super()._bound(body, n_rows)

    def _count(self, asked: Asked, reply: Reply, duration_s: float) -> None:
        if read_digest(reply) in self.aim.others:
            self.passed_over += 1
        else:
            super()._count(asked, reply, duration_s)

    def _choose_headers(self, body: bytes | None, headers: Headers) -> Headers:
        return {**super()._choose_headers(body, headers), "Connection": "close"}


def read_digest(reply: Reply) -> str:
    """Return the digest that an answer carries, empty if it carries none."""
    return reply.headers.get("X-Model-Digest", "")
