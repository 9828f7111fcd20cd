"""Load on a service whose processes are ended: each answer is compared with the evaluation of its version."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from lockstep.bundles.reading import load_bundle
from qa.bench.cases import make_cases
from qa.chaos.clients import HEADERS, connect

ROWS = (1, 7, 64, 961)
PAUSE_S = 0.1
"""How long a client waits after an answer that it did not get: a port that is refused answers at once."""
CLOSED, SILENT = "closed", "silent"


@dataclass(frozen=True)
class Question:
    """A body of `rows` rows, and the right answer of each version, by its digest."""

    rows: int
    body: bytes
    answers: dict[str, bytes]


@dataclass
class Outcomes:
    """How requests ended: the moments of right answers; moments and kinds of lost ones; wrong answers in words."""

    right: list[float] = field(default_factory=list)
    lost: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)

    @property
    def asked(self) -> int:
        """Return how many requests ended, in whatever way."""
        return len(self.right) + len(self.lost) + len(self.wrong)

    def describe_lost(self) -> str:
        """Return how often each way to be lost occurred: with a status, a closed connection, silence."""
        counts = sorted(Counter(how for _, how in self.lost).items())
        return ", ".join(f"{count} {how}" for how, count in counts) or "0"

    def silence_s(self) -> float:
        """Return the longest time without a right answer."""
        moments = sorted(self.right)
        return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)

    def recovered_s(self, since: float) -> float:
        """Return for how long after a moment requests were lost; 0.0 if none was."""
        return max((moment - since for moment, _ in self.lost if moment > since), default=0.0)


class Load:
    """`count` clients on kept connections, of which the first `active` ask inside a `with` block."""

    def __init__(self, port: int, questions: Sequence[Question], count: int) -> None:
        self._port, self._questions = port, questions
        self.active = count
        self.outcomes = Outcomes()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(place,)) for place in range(count)]

    def __enter__(self) -> Self:
        """Start asking."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop after the answers that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, place: int) -> None:
        connection, turn = connect(self._port), place
        while not self._stop.is_set():
            question = self._questions[turn % len(self._questions)]
            if place >= self.active:
                self._stop.wait(PAUSE_S)
            elif not ask(connection, question, self.outcomes):
                connection.close()
                self._stop.wait(PAUSE_S)
            turn += 1
        connection.close()


def make_questions(*versions: Path) -> list[Question]:
    """Return a question for each number of rows, with the answers of these versions of the default model."""
    digests = [load_bundle(version).manifest.digest for version in versions]
    return [
        Question(case.rows, case.body, dict(zip(digests, (case.answer, *case.also), strict=True)))
        for case in make_cases(ROWS, *versions)
    ]


def ask(connection: http.client.HTTPConnection, question: Question, outcomes: Outcomes) -> bool:
    """Ask, and note how it ended; return whether the connection can go on."""
    try:
        connection.request("POST", "/forecast", question.body, HEADERS)
        response = connection.getresponse()
        answer = response.read()
    except TimeoutError:
        outcomes.lost.append((time.monotonic(), SILENT))
        return False
    except (OSError, http.client.HTTPException):
        outcomes.lost.append((time.monotonic(), CLOSED))
        return False
    digest = response.headers.get("X-Model-Digest", "")
    if response.status != HTTPStatus.OK:
        outcomes.lost.append((time.monotonic(), f"with {response.status}"))
    elif question.answers.get(digest) == answer:
        outcomes.right.append(time.monotonic())
        outcomes.versions.add(digest)
    else:
        outcomes.wrong.append(f"{question.rows} rows, of version {digest[:12] or 'none'}: {answer[:200]!r}")
    return response.status == HTTPStatus.OK
