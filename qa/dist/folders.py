"""The folders in which the installed library is tried."""

import random
from datetime import date, timedelta
from pathlib import Path

HOSTILE = ("models.py", "cli.py", "parity.py", "backend/__init__.py", "preprocessing/__init__.py")
"""Modules that somebody's own project may have, under names that a careless library would import."""

HEADER = "Date,Open,High,Low,Close,Volume"
FIRST_DAY = date(2020, 1, 6)
BARS, SEED = 700, 8
SATURDAY = 5


def write_hostile_project(folder: Path) -> None:
    """Write modules that fail if anything imports them, a test of the project's own, and a price file."""
    for name in HOSTILE:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'raise ImportError("the library imported {name} of the folder it is called in")\n')
    (folder / "test_own.py").write_text("def test_of_the_projects_own() -> None:\n    assert True\n")
    write_prices(folder / "prices.csv")


def write_prices(path: Path) -> None:
    """Write a seeded random walk on weekdays in the Yahoo format."""
    draw = random.Random(SEED)  # noqa: S311 -- prices, no secrets
    days = (FIRST_DAY + timedelta(days=number) for number in range(BARS * 2))
    lines, close = [HEADER], 100.0
    for day in [each for each in days if each.weekday() < SATURDAY][:BARS]:
        open_, close = close, close * draw.uniform(0.97, 1.031)
        high, low = max(open_, close) * draw.uniform(1.0, 1.01), min(open_, close) * draw.uniform(0.99, 1.0)
        lines.append(f"{day},{open_:.2f},{high:.2f},{low:.2f},{close:.2f},{draw.randrange(100_000, 900_000)}")
    path.write_text("\n".join(lines) + "\n")
