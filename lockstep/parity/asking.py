"""The requests of a check, each of which can be sent again by itself."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from lockstep.errors import LockstepError
from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.compare import Comparison, merge_comparisons
from lockstep.parity.draws import Draws
from lockstep.parity.judging import ask


class UnknownRequest(LockstepError):
    """A number that no request of a check has."""


Draw = Callable[[Any, Draws], Any]
"""From a subject and the draws of a request to the request; its number is that of the draws' origin."""


@dataclass(frozen=True)
class Requests:
    """The requests of a check: how each is drawn and compared, how many there are, and how many are sent at once."""

    check: str
    draw: Draw
    count: int | Callable[[Any], int]
    compare: Callable[[Any, Any], Comparison] = ask
    clients: int = 1

    def __call__(self, subject: Any) -> Comparison:
        """Return the comparison of all requests, or of those to which the subject limits the check."""
        numbers = self.list_numbers(subject)
        if self.clients == 1:
            return merge_comparisons([self.ask(subject, number) for number in numbers])
        with ThreadPoolExecutor(self.clients) as pool:
            return merge_comparisons(list(pool.map(lambda number: self.ask(subject, number), numbers)))

    def list_numbers(self, subject: Any) -> Sequence[int]:
        """Return the numbers of the requests that are wanted; raise `UnknownRequest`."""
        count = self.count if isinstance(self.count, int) else self.count(subject)
        numbers: Sequence[int] = subject.scope.only.get(self.check, range(count))
        if any(number >= count for number in numbers):
            raise UnknownRequest(f"{self.check} has {count} requests for this bundle, numbered from 0")
        return numbers

    def ask(self, subject: Any, number: int) -> Comparison:
        """Return the comparison of one request, with its name if it found something."""
        asked = subject.choose_series(self.check, number)
        draws = asked.draws(self.check, number)
        try:
            found = self.compare(asked, self.draw(asked, draws))
        except UnexpectedAnswer as error:
            found = Comparison(0, faults=(str(error),))
        found = asked.name_rows(found)
        return replace(found, requests=(str(draws.origin),)) if found.findings else found
