"""Prometheus's text format: what is counted, declared as families, and how their numbers are written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lockstep.scoring.printable import escape_controls

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = Sequence[tuple[str, str]]
Sample = tuple[tuple[str, ...], Sequence[float]]
"""The values of a family's labels, and one number, or those of a histogram: a count for each bound, for what is
above all of them, and the sum."""


@dataclass(frozen=True)
class Family:
    """One metric: its name, its kind, what it says, its labels; the bounds of a histogram."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


def write_families(families: Iterable[tuple[Family, Iterable[Sample]]], origin: Labels = ()) -> bytes:
    """Return the families with their samples; one without a sample has its head only.

    `origin` are labels of every sample, which say whose counts they are.
    """
    lines = (line for family, samples in families for line in _write_family(family, samples, origin))
    return "".join(f"{line}\n" for line in lines).encode()


def _write_family(family: Family, samples: Iterable[Sample], origin: Labels) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    for values, numbers in samples:
        labels = [*zip(family.labels, values, strict=True), *origin]
        if family.kind == "histogram":
            yield from _write_histogram(family, labels, numbers)
        else:
            yield f"{family.name}{_write_labels(labels)} {float(numbers[0])}"


def _write_histogram(family: Family, labels: Labels, numbers: Sequence[float]) -> Iterator[str]:
    count = 0.0
    for bound, in_bucket in zip((*map(str, family.bounds), "+Inf"), numbers, strict=False):
        count += in_bucket
        yield f"{family.name}_bucket{_write_labels([*labels, ('le', bound)])} {count}"
    yield f"{family.name}_count{_write_labels(labels)} {count}"
    yield f"{family.name}_sum{_write_labels(labels)} {numbers[-1]}"


def _write_labels(labels: Labels) -> str:
    texts = (f'{name}="{escape_controls(value, but=chr(10)).translate(LABEL_ESCAPES)}"' for name, value in labels)
    return f"{{{','.join(texts)}}}" if labels else ""
