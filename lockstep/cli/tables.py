"""Tables that more than one command prints."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from lockstep.bundles.scores import Scores
from lockstep.training.grid import Candidate


def score_table(scores: Mapping[str, Scores], up_rate: float, symbol: str) -> Table:
    """Return the scores of the model beside those of the naive baselines."""
    caption = f"{up_rate:.4f} of the realised returns are above 1"
    table = Table("predictor", title=f"{symbol}: next bar's gross return, test rows", caption=caption)
    for heading in ("MAE", "MSE", "R²", "direction"):
        table.add_column(heading, justify="right")
    for name, score in scores.items():
        cells = (f"{score.mae:.6f}", f"{score.mse:.8f}", f"{score.r2:.4f}", f"{score.directional_accuracy:.4f}")
        table.add_row(name, *cells)
    return table


def candidate_table(found: Sequence[Candidate]) -> Table:
    """Return every candidate of a grid search, the best first."""
    table = Table(title="grid: means over the validation folds; the first is taken", caption="MSE in units of 1e-4")
    names = [name for name in found[0].parameters if len({str(each.parameters[name]) for each in found}) > 1]
    for heading in (*(name.replace("_", " ") for name in names), "MAE", "MSE", "R²"):
        table.add_column(heading, justify="right")
    for candidate in found:
        parameters = [str(candidate.parameters[name]) for name in names]
        table.add_row(*parameters, f"{candidate.mae:.6f}", f"{candidate.mse * 1e4:.4f}", f"{candidate.r2:.4f}")
    return table
