"""What is shown of each family: how its outputs are guaranteed, and in how many cells they were equal."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from lockstep.bundles.bundle import Bundle
from lockstep.predict.guarantees import BITS
from qa.matrix.run import EQUAL, NOT_RUN, Outcome


def make_family_table(bundles: Iterable[Bundle], outcomes: Sequence[Outcome]) -> Table:
    """Return one line for each bundle, with the cells in which the service gave what it guarantees."""
    table = Table(title="Every family in every environment")
    for heading in ("bundle", "kind", "estimator", "guaranteed"):
        table.add_column(heading, overflow="fold")
    table.add_column("cells equal", justify="right", no_wrap=True)
    for bundle in bundles:
        manifest = bundle.manifest
        estimator = manifest.estimator[-1].estimator.rpartition(".")[2]
        guaranteed = ", ".join(f"{output} {guarantee}" for output, guarantee in manifest.guarantees.items())
        equal, ran = count_cells(manifest.name, outcomes)
        table.add_row(manifest.name, manifest.kind, estimator, guaranteed, f"{equal} of {ran}")
    return table


def describe_families(bundles: Iterable[Bundle], outcomes: Sequence[Outcome]) -> str:
    """Return how many families were equal in every cell that ran, to the bit or as they guarantee."""
    whole = [each for each in bundles if len(set(count_cells(each.manifest.name, outcomes))) == 1]
    to_the_bit = sum(set(each.manifest.guarantees.values()) == {BITS} for each in whole)
    others = f" and {len(whole) - to_the_bit} as guaranteed" if len(whole) > to_the_bit else ""
    return f"{to_the_bit} families equal in every bit{others}"


def count_cells(name: str, outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Return in how many cells a bundle was equal, and how many ran."""
    ran = [outcome for outcome in outcomes if outcome.verdict != NOT_RUN]
    return sum(outcome.families.get(name) == EQUAL for outcome in ran), len(ran)
