import msgspec
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.promises import NEAR
from lockstep.bundles.sealing import seal_model
from lockstep.bundles.series import SeriesBundle
from lockstep.parity.demand import choose_demand
from lockstep.predict.exact.form import numbers
from lockstep.predict.model import Model, ModelInputs
from lockstep.predict.stages import PREDICTION, PROBA
from qa.default_bundle import STAGES

ROWS = [[0.0, 1.0], [1.0, 0.5], [2.0, 3.0], [3.0, 0.0]]
NUMBERS, LABELS = [0.5, 1.5, 1.0, 2.0], ["up", "down", "up", "down"]


def fit(estimator: object, target: list[object]) -> Model:
    inputs = ModelInputs(("first", "second"), numbers(2), False)
    return seal_model(None, estimator.fit(ROWS, target), inputs).model  # type: ignore[attr-defined] # an estimator


def test_an_exact_form_has_to_give_the_same_bits_in_every_stage(default_bundle: SeriesBundle) -> None:
    demand = choose_demand(default_bundle.manifest, default_bundle.model, "exact")
    assert (demand.stages, demand.guarantees) == (STAGES, {"prediction": "bits"})
    assert str(demand) == "prediction bits, by exact forms"


def test_the_pickles_of_the_default_bundle_have_to_give_its_bits(default_bundle: SeriesBundle) -> None:
    demand = choose_demand(default_bundle.manifest, default_bundle.model, "scikit-learn")
    assert (demand.stages, demand.guarantees) == (("features", "scale", "half_width"), {"prediction": "bits"})


@pytest.mark.parametrize(
    ("estimator", "target", "promised"),
    [
        (DecisionTreeRegressor(), NUMBERS, {"prediction": "bits"}),
        (HistGradientBoostingRegressor(), NUMBERS, {"prediction": "bits"}),
        (HistGradientBoostingRegressor(loss="poisson"), NUMBERS, {"prediction": NEAR}),
        (RandomForestClassifier(3), LABELS, {"proba": "bits", "prediction": "bits"}),
        (Ridge(), NUMBERS, {"prediction": NEAR}),
        (LogisticRegression(), LABELS, {"proba": NEAR, "prediction": "labels"}),
    ],
)
def test_pickles_promise_what_their_order_of_sums_allows(
    estimator: object, target: list[object], promised: dict[str, str], default_bundle: SeriesBundle
) -> None:
    classes = sorted(set(LABELS)) if target is LABELS else []
    guarantees = {output: "bits" for output in (PROBA, PREDICTION) if output == PREDICTION or classes}
    manifest = msgspec.structs.replace(default_bundle.manifest, classes=classes, guarantees=guarantees)
    assert choose_demand(manifest, fit(estimator, target), "scikit-learn").guarantees == promised


def test_a_bundle_without_an_exact_form_is_held_to_its_own_guarantees(default_bundle: SeriesBundle) -> None:
    own = {"proba": "tolerance 1e-12", "prediction": "labels"}
    manifest = msgspec.structs.replace(default_bundle.manifest, predictor="scikit-learn", guarantees=own)

    class Pickled:
        def predict(self, inputs: object) -> dict[str, object]:
            raise AssertionError("a demand predicts nothing")

    demand = choose_demand(manifest, Pickled(), "scikit-learn")  # type: ignore[arg-type] # as above
    assert (demand.stages, demand.guarantees) == (("features", "scale", "half_width"), own)
    assert demand.of_column("proba_up") == "tolerance 1e-12"
    assert demand.of_column("prediction") == "labels"
