"""Write made-up reviews as a CSV file: `python examples/sentiment/write_table.py FILE`."""

import csv
import sys
from pathlib import Path

import numpy as np

SEED = 1
N_REVIEWS = 800
N_CLAUSES = 3
"""Odd, so that a review praises more than it blames, or the other way round."""
MAJORITY = 2
WRONG_SHARE = 0.05
"""Reviews with the other label: without them a model would make no mistake, and its scores would show nothing."""

THINGS = ("the soup", "our room", "the lamp", "the train", "my tent", "the guide", "the keyboard", "this tea")
PRAISE = ("delightful", "sturdy", "quick", "spotless", "a bargain", "clever", "warm", "better than the picture")
BLAME = ("dull", "broken", "late", "filthy", "a rip-off", "flimsy", "cold", "smaller than the picture")


def make_review(rng: np.random.Generator) -> tuple[str, str]:
    """Return a review of three clauses and its label: what most of the clauses say, but for a few wrong ones."""
    is_praise = rng.random(N_CLAUSES) < rng.choice([0.2, 0.8])
    things = rng.choice(THINGS, N_CLAUSES, replace=False)
    words = [rng.choice(PRAISE if praise else BLAME) for praise in is_praise.tolist()]
    clauses = [f"{thing} was {word}" for thing, word in zip(things.tolist(), words, strict=True)]
    is_positive = bool(is_praise.sum() >= MAJORITY) != bool(rng.random() < WRONG_SHARE)
    text = f"{clauses[0]}, {clauses[1]}, and {clauses[2]}."
    return text.capitalize(), "positive" if is_positive else "negative"


def write_reviews(path: Path) -> None:
    """Write the reviews, the same ones each time."""
    rng = np.random.default_rng(SEED)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "sentiment"])
        writer.writerows(make_review(rng) for _ in range(N_REVIEWS))


if __name__ == "__main__":
    write_reviews(Path(sys.argv[1]))
