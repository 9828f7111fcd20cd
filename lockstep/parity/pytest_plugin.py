"""`pytest --parity-url URL`: each check of the suite as a test, in anybody's own test run.

Without the option the plugin does nothing. The key is read from LOCKSTEP_API_KEY.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # every pytest run loads this module: the suite is imported where it is asked for
    from lockstep.parity.checks import Check
    from lockstep.parity.subject import Subject
    from lockstep.parity.suite import Result

COLLECTOR = "parity"


class NoParity(Exception):
    """Fail a test with what a check found, without a traceback through the suite."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    options = parser.getgroup("lockstep", "prove that a service answers what was evaluated")
    options.addoption("--parity-url", metavar="URL", help="run the parity suite against the service at URL")
    options.addoption("--parity-bundle", metavar="FOLDER", help="the folder of the version or model that it serves")
    options.addoption("--parity-model", metavar="NAME", help="a model of the application instead; default: its default")
    options.addoption("--parity-version", metavar="V", help="a number or an alias; default: champion")
    options.addoption("--parity-seed", type=int, help="what all requests are drawn from; default: another for each run")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of the run, before any worker of pytest-xdist gets the options."""
    if config.getoption("--parity-url") and config.getoption("--parity-seed") is None:
        from lockstep.parity.draws import draw_seed

        config.option.parity_seed = draw_seed()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Return the seed, which draws the same requests again."""
    url = config.getoption("--parity-url")
    return [f"parity: seed {config.getoption('--parity-seed')}"] if url else []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the checks to whatever was collected, early enough for -k to choose among them."""
    if config.getoption("--parity-url"):
        items += ParityCollector.from_parent(session, name=COLLECTOR, nodeid=COLLECTOR).collect()


class ParityCollector(pytest.Collector):
    """The service and the bundle that all checks share, and their results."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.results: list[Result] = []

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each check, and one for the verdict of all that ran."""
        from lockstep.parity.checks import CHECKS_OF

        subject = _open_subject(self.config)
        for check in CHECKS_OF[subject.kind]:
            yield CheckItem.from_parent(self, name=check.name, check=check, subject=subject)
        yield VerdictItem.from_parent(self, name="verdict", subject=subject)


def _open_subject(config: pytest.Config) -> Subject:
    from lockstep.bundles.choosing import choose_version
    from lockstep.bundles.reading import load_bundle
    from lockstep.bundles.selfcheck import check_evaluation
    from lockstep.errors import LockstepError
    from lockstep.parity.client import ServiceClient
    from lockstep.parity.subjects import make_subject

    folder, model, version = (config.getoption(f"--parity-{name}") for name in ("bundle", "model", "version"))
    try:
        chosen = choose_version(Path(folder) if folder else None, model, version)
        bundle = load_bundle(chosen.folder)
        check_evaluation(bundle)
        key = os.environ.get("LOCKSTEP_API_KEY")
        client = ServiceClient(config.getoption("--parity-url"), key, bundle.manifest.name, chosen.named_version)
        client.check_access()
    except LockstepError as error:
        raise pytest.UsageError(f"--parity-url: {error}") from error
    return make_subject(client, bundle, config.getoption("--parity-seed"))


class ParityItem(pytest.Item):
    """Fail with the findings alone."""

    parent: ParityCollector

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what was found; a traceback only for what is no finding."""
        return str(excinfo.value) if isinstance(excinfo.value, NoParity) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return how the test is named."""
        return self.path, None, f"{COLLECTOR}: {self.name}"


class CheckItem(ParityItem):
    """Run one check."""

    def __init__(self, *, check: Check, subject: Subject, **rest: Any) -> None:
        super().__init__(**rest)
        self.check, self.subject = check, subject

    def runtest(self) -> None:
        """Raise `NoParity` for anything but parity."""
        from lockstep.parity.curl import describe_again
        from lockstep.parity.suite import Verdict, run_checks

        [result] = run_checks(self.subject, checks=[self.check]).results
        self.parent.results.append(result)
        if result.verdict is not Verdict.PARITY:
            lines = [f"{result.verdict.word}: {self.check.proves}", *result.comparison.findings[:5], result.shortfall]
            located = [str(result.location)] if result.location else []
            raise NoParity("\n".join([*lines, *located, *describe_again(result.route, result.again)]))


class VerdictItem(ParityItem):
    """Reach the verdict of the run."""

    def __init__(self, *, subject: Subject, **rest: Any) -> None:
        super().__init__(**rest)
        self.subject = subject

    def runtest(self) -> None:
        """Raise `NoParity` where the checks together do not show parity."""
        from lockstep.parity.suite import Verdict, conclude

        report = conclude(self.subject, self.parent.results)
        if report.verdict is not Verdict.PARITY:
            raise NoParity(f"{report.verdict.word}: {report.shortfall or 'see the checks above'}")
