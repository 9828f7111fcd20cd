"""The errors that this library raises on purpose.

    LockstepError
    ├── InvalidInput         cells or columns that cannot be right; lists them
    ├── MissingBars          a look-back that no bars fill; names the sessions
    ├── UnknownCategory      a category that an encoder does not know; names rows, column and value
    ├── UnknownCalendar      a calendar name that nothing defines
    ├── UnknownFeatureSet    a name that leads to no feature set
    ├── InvalidFeatures      what a feature set returned is not what it promises
    ├── UnknownSource        a file or a name in it that the application does not have
    ├── UnknownModel         a model, version or alias that is not there; lists what is
    ├── UnknownSymbol        a symbol that no model forecasts, or several do, or that a panel lacks
    ├── UnprovenSeries       a series of a panel that does not reproduce its evaluation
    ├── BundleError          a bundle that must not be used
    │   ├── InvalidBundle        a file is missing, unreadable or contradicts another
    │   │   └── OutdatedBundle   a bundle of the first version
    │   ├── DigestMismatch       a file is not the one that was evaluated
    │   ├── VersionMismatch      the libraries are not those of the training
    │   ├── ForbiddenPickle      a pickle asks for code that no model needs
    │   └── EvaluationMismatch   the evaluation is not reproduced
    ├── TrainingError        data, or a choice, that no model can be trained on
    ├── PackagingError       a library that cannot be made into a wheel
    └── InvalidApplication   a wrong `lockstep.toml`

Packages derive errors of their own from these. The module is long because the tree stands in one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

MAX_LISTED = 20
MAX_SOUGHT = 10_000
"""After so many problems no further column is read: a million bad cells would take 9 s and 400 MB."""


ROW = "{row}"
"""What stands in the place of a row, which a reader may number otherwise."""


class LockstepError(Exception):
    """The root of every error that this project raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell; `row` is None if a whole column is meant."""

    row: int | None
    column: str
    reason: str


class InvalidInput(LockstepError):
    """A refusal of rows that lists at most `MAX_LISTED` of the problems and counts them all.

    `unit` is what `Problem.row` counts: "row" (from 0, as posted) or "line" (of a file). From `MAX_SOUGHT` problems on
    there may be more than were found. `advice` is what to do about them, if one sentence says so.
    """

    def __init__(self, problems: Sequence[Problem], unit: str = "row", advice: str = "") -> None:
        self._all = tuple(problems)
        self.total = len(problems)
        self.problems = tuple(problems[:MAX_LISTED])
        self.unit = unit
        self.advice = advice
        super().__init__(self._describe())

    def advising(self, advice: str) -> "InvalidInput":
        """Return the same refusal with what to do about it."""
        return InvalidInput(self._all, self.unit, advice)

    def renumbered(self, numbers: Sequence[int], unit: str) -> "InvalidInput":
        """Return the same refusal with row i called `numbers[i]`."""
        renumbered = [
            replace(problem, row=None if problem.row is None else numbers[problem.row]) for problem in self._all
        ]
        return InvalidInput(renumbered, unit, self.advice)

    def without_rows(self) -> "InvalidInput":
        """Return the same refusal without the numbers of rows, for readers who did not count these rows."""
        return InvalidInput([replace(problem, row=None) for problem in self._all], self.unit, self.advice)

    @property
    def lines(self) -> list[str]:
        """Return a line for each listed problem, and one that counts the others."""
        listed = [self._describe_one(problem) for problem in self.problems]
        return [*listed, self._count_others(len(listed))] if self.total > len(listed) else listed

    def _describe(self) -> str:
        more = "" if self.total == 1 else f" ({self._count_others(1)})"
        return f"{self._describe_one(self.problems[0])}{more}{'; ' if self.advice else ''}{self.advice}"

    def _count_others(self, n_listed: int) -> str:
        return f"and {'at least ' if self.total >= MAX_SOUGHT else ''}{self.total - n_listed} more"

    def _describe_one(self, problem: Problem) -> str:
        if problem.row is None:
            return f"{problem.column}: {problem.reason}"
        column = "" if problem.column == self.unit else f", {problem.column}"
        return f"{self.unit} {problem.row}{column}: {problem.reason}"


class MissingBars(LockstepError):
    """A refusal of a forecast whose look-back has sessions without a bar.

    `rows` are the positions, as posted, of the rows that cannot be forecast, at most `MAX_LISTED` of `total_rows`;
    `sessions` the sessions that the first of them misses, ISO dates, oldest first, at most `MAX_LISTED` of `total`.
    ROW in `reason` stands for the first row. `in_file` is the reason for people whose bars are in a file.
    """

    def __init__(
        self, reason: str, rows: Sequence[int], sessions: Sequence[str], total: int, in_file: str = ""
    ) -> None:
        self._reason, self._all, self._in_file = reason, rows, in_file
        self.rows = tuple(rows[:MAX_LISTED])
        self.total_rows = len(rows)
        self.sessions = tuple(sessions[:MAX_LISTED])
        self.total = total
        super().__init__(reason.replace(ROW, str(rows[0])))

    def renumbered(self, numbers: Sequence[int]) -> "MissingBars":
        """Return the same refusal with row i called `numbers[i]`."""
        rows = [numbers[row] for row in self._all]
        return MissingBars(self._reason, rows, self.sessions, self.total, self._in_file)

    def of_file(self) -> "MissingBars":
        """Return the same refusal in words about a file."""
        return MissingBars(self._in_file, self._all, self.sessions, self.total, self._in_file)


class UnknownCategory(LockstepError):
    """A refusal of rows whose category an encoder was not trained on.

    `rows` are their positions, `column` the position of the column among those that the refusing step reads, mapped
    back to the model's inputs as far as the steps before it leave columns in their places. `value` is that of the
    first row, cut to be shown.
    """

    def __init__(self, rows: Sequence[int], column: int, value: str) -> None:
        self.rows = tuple(rows)
        self.column = column
        self.value = value
        super().__init__(f"row {self.rows[0]}, column {column}: {value} is a category that training did not see")

    def at_column(self, columns: Sequence[int]) -> "UnknownCategory":
        """Return the same refusal with the column called `columns[column]`."""
        inside = self.column < len(columns)
        return UnknownCategory(self.rows, columns[self.column] if inside else self.column, self.value)


class UnknownCalendar(LockstepError):
    """A refusal of a calendar name that nothing defines."""


class InvalidApplication(LockstepError):
    """A refusal of an application's `lockstep.toml`."""


class UnknownFeatureSet(LockstepError):
    """A refusal of a name that leads to no feature set."""


class InvalidFeatures(LockstepError):
    """A refusal of what a feature set returned: another type or shape than its columns promise."""


class UnknownSource(LockstepError):
    """A file of the application, or a name in it, that cannot be loaded; the message says why."""


class BundleError(LockstepError):
    """A refusal of a bundle."""


class InvalidBundle(BundleError):
    """A part of a bundle that is missing, is unreadable or contradicts another."""


class OutdatedBundle(InvalidBundle):
    """A bundle of the first version, which one command turns into one of today."""


class DigestMismatch(BundleError):
    """A refusal that names the file whose bytes are not the ones that were evaluated."""


class VersionMismatch(BundleError):
    """A refusal that names the library that differs, both versions, and the command that installs the right ones."""


class ForbiddenPickle(BundleError):
    """A refusal that names the class or function that a pickle asked for."""


class EvaluationMismatch(BundleError):
    """A refusal that names the first row, stage and both values where the recomputed evaluation differs."""


class TrainingError(LockstepError):
    """Data that lack something that training needs, or a choice that does not fit them; the message says what would.

    `advice` is the option of `lockstep train` that helps; other commands give the `reason` alone.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}; {advice}" if advice else reason)


class PackagingError(LockstepError):
    """A library that cannot be made into a wheel: the file or the build that is at fault."""


class UnknownModel(LockstepError):
    """A model, version or alias that is not there; the message names what is."""


class UnknownSymbol(LockstepError):
    """A symbol that no model forecasts, or several do, or that a panel lacks; the message names what there is."""


class UnprovenSeries(LockstepError):
    """A series of a panel that must not be served: its bytes, or its evaluation, are not those that were sealed."""
