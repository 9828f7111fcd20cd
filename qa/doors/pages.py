"""The examples that the pages of the protocols show of other people's clients, run as their readers run them."""

import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from lockstep.predict.stages import PREDICTION
from qa.doors.asking import find_python
from qa.doors.outcome import Outcome
from qa.doors.subjects import Subject
from qa.errors import RunFailed
from qa.servers import ROOT, make_environ

PAGES = ("mlflow", "oip")
"""Those with examples in Python, by the door; its name is that of the environment as well."""
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_PORT = re.compile(r"\b5000\b")
NUMBER = re.compile(r"\d+\.\d{4,}")
NEWEST = 3
"""The examples post so many of the newest bars at most."""
TOLERANCE = 1e-6
"""pandas prints six digits."""
TIMEOUT_S = 60.0
"""MLflow's clients try again for minutes."""


def try_page(door: str, subject: Subject, url: str) -> Outcome:
    """Return the outcome of the examples of a page; each has to print predictions of the model's newest rows alone."""
    page = f"docs/api/{door}.md"
    examples = read_examples((ROOT / page).read_text(), str(urlsplit(url).port))
    expected = [float.fromhex(cell or "nan") for cell in subject.outputs[PREDICTION][-NEWEST:]]
    try:
        with ThreadPoolExecutor() as pool:
            printed = list(pool.map(partial(run_example, door), examples))
        for text in printed:
            check_printed(text, expected)
        broken = "" if examples else "there is no example"
    except RunFailed as error:
        broken = str(error)
    return Outcome(door, page, "-", subject.model, len(examples), 0, broken)  # six digits are not compared bits


def read_examples(page: str, port: str) -> list[str]:
    """Return the examples in Python of a page, for a service at another port."""
    return [SHOWN_PORT.sub(port, code) for code in EXAMPLE.findall(page)]


def run_example(environment: str, code: str) -> str:
    """Return what an example prints; raise `RunFailed` with its errors if it fails, or does not end."""
    command = [str(find_python(environment)), "-c", code]
    try:
        ended = subprocess.run(  # noqa: S603 -- what our own page shows
            command, cwd=ROOT, env=make_environ({}), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"an example did not end in {TIMEOUT_S:.0f} s") from None
    if ended.returncode != 0:
        raise RunFailed("an example failed", ended.stderr)
    return ended.stdout


def check_printed(printed: str, expected: Sequence[float]) -> None:
    """Raise `RunFailed` if an example printed no number, or one that is none of those expected."""
    numbers = [float(number) for number in NUMBER.findall(printed)]
    if not numbers or any(min(abs(number - each) for each in expected) > TOLERANCE for number in numbers):
        raise RunFailed(f"an example printed {printed.strip()!r} instead of some of {expected}")
