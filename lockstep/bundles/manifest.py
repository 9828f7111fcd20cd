"""The manifest of a bundle: what it is, how it was made, and the SHA-256 of every file."""

import hashlib
import re
from typing import Literal, Self

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.entries import FeatureSetEntry, IntervalEntry, SchemaEntry, Source, Step, Window
from lockstep.bundles.evaluation import Column
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.verdicts import VerdictEntry
from lockstep.data.table import TableSchema
from lockstep.data.texts import check_symbol, check_text
from lockstep.errors import DigestMismatch, InvalidBundle, OutdatedBundle
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA

MANIFEST_FILE = "manifest.json"
SHA256 = re.compile(r"[0-9a-f]{64}")
UPGRADE = "lockstep models upgrade FOLDER --out models/NAME"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What `manifest.json` holds, whatever the kind; `digest` covers all the rest, and so identifies the bundle.

    `estimator` lists the fitted objects in the order of use, `classes` the labels of a classifier in the order of its
    probabilities. `predictor` says what answers: the exact form, or scikit-learn with the pickles. `guarantees` says
    for each output what parity demands of it; see `lockstep.predict.guarantees`. `trusted` are the application's own
    classes among the pickles, with the SHA-256 of their source. `evaluation` describes the columns of
    `evaluation.csv`.
    """

    schema_version: Literal[2]
    name: str
    digest: str = ""
    estimator: list[Step]
    classes: Labels = []
    predictor: Literal["exact", "scikit-learn"]
    guarantees: dict[str, str]
    trusted: dict[str, str] = {}
    scores: dict[str, AnyScores]
    evaluation: list[Column]
    libraries: dict[str, str]
    source: Source
    files: dict[str, str]

    @property
    def kind(self) -> str:
        """Return what is modelled: a `series`, a `panel` or a `table`."""
        return str(self.__struct_config__.tag)

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the names of the stages that the evaluation holds, in the order in which they follow."""
        stages = dict.fromkeys(column.stage for column in self.evaluation if column.stage)
        last = [stage for stage in (PROBA, PREDICTION) if stage in stages]
        return (*(stage for stage in stages if stage not in last), *last)

    def sealed(self) -> Self:
        """Return the manifest with its `digest` filled in."""
        return msgspec.structs.replace(self, digest=self.compute_digest())

    def compute_digest(self) -> str:
        """Return the SHA-256 over everything but `digest`, and so over the digests of all files."""
        content = msgspec.json.encode(msgspec.structs.replace(self, digest=""))
        return hashlib.sha256(content).hexdigest()


class SeriesManifest(Manifest, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="series"):
    """The manifest of a model of a price series.

    `target` is what is forecast `horizon_bars` ahead: `return`, `direction`, or the name of a function. `naive` is
    what a predictor that looks at nothing always answers. `up_rate` is how often returns are above 1, or the direction
    is up, in the test rows; null for another target. `interval` is left out of a bundle without one. `verdict` says
    whether a model of returns does better than no change; other models have none, nor have those that cannot be judged,
    or were trained before there were verdicts. `selection` holds the candidates among which the estimator was selected,
    if it was.
    """

    symbol: str
    schema: SchemaEntry
    feature_set: FeatureSetEntry
    target: str
    horizon_bars: int
    learning: Window
    test: Window
    naive: float | str
    up_rate: float | None
    interval: IntervalEntry | UnsetType = UNSET
    verdict: VerdictEntry | UnsetType = UNSET
    selection: SelectionEntry | UnsetType = UNSET


class PanelManifest(Manifest, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="panel"):
    """The manifest of one model of many price series, each a run of consecutive sessions of one calendar.

    `series` counts them. `learning` and `test` span the bars of all of them and count their rows. `scores` are means
    over the series, whose own are in `series.csv`. `evaluation` describes the columns of each series' evaluation, as if
    it were a file of its own. The digests of `bars.npy` and `evaluation.npy` are in `series.csv`, series by series.
    `fitted_rows` are how many of the learning rows were drawn to be learned from. `verdict` compares the model with no
    change session by session, over all series; see `lockstep.bundles.panels.verdict`.
    """

    series: int
    schema: SchemaEntry
    feature_set: FeatureSetEntry
    target: str
    horizon_bars: int
    learning: Window
    test: Window
    fitted_rows: int | UnsetType = UNSET
    interval: IntervalEntry | UnsetType = UNSET
    verdict: VerdictEntry | UnsetType = UNSET


class TableManifest(Manifest, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="table"):
    """The manifest of a model of a table.

    `target` is the column that is predicted; `row_id` the column of the keys, None if they are the places of the rows
    in the file. `learned_target` is the mean of the learning rows, or of a classifier the share of each class. `seed`
    chose the test rows.
    """

    schema: TableSchema
    target: str
    row_id: str | None
    learning_rows: int
    test_rows: int
    seed: int
    learned_target: list[float]


BarsManifest = SeriesManifest | PanelManifest
AnyManifest = BarsManifest | TableManifest


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(content: bytes) -> AnyManifest:
    """Return the manifest in `content`; raise `InvalidBundle` or, where it was edited, `DigestMismatch`."""
    try:
        if msgspec.json.decode(content, type=_SchemaVersion).schema_version == 1:
            raise OutdatedBundle(f"{MANIFEST_FILE} is of the first version; run: {UPGRADE}")
        manifest = msgspec.json.decode(content, type=AnyManifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBundle(f"{MANIFEST_FILE}: {error}") from error
    if manifest.compute_digest() != manifest.digest or encode_manifest(manifest) != content:
        raise DigestMismatch(
            f"{MANIFEST_FILE} was edited since it was written with the digest {manifest.digest[:12]}…; "
            "restore it or train again"
        )
    check_texts(manifest)
    return manifest


def check_texts(manifest: Manifest) -> None:
    """Raise `InvalidBundle` for a free text of a manifest that must not land in a console, a page or a metric."""
    if manifest.source.file:  # a table that was made in Python has none
        check_text("source.file", manifest.source.file)
    if not SHA256.fullmatch(manifest.source.sha256):
        raise InvalidBundle(f"{MANIFEST_FILE}: source.sha256 is {manifest.source.sha256[:80]!r}, which is no SHA-256")
    named: list[str] = []
    if isinstance(manifest, BarsManifest):
        features = manifest.feature_set
        named = [manifest.target, features.name, *features.columns, manifest.schema.calendar.name]
    if isinstance(manifest, SeriesManifest):
        check_symbol(manifest.symbol)
        if isinstance(manifest.selection, SelectionEntry):
            named += [each.estimator for each in manifest.selection.candidates]  # best and chosen are among them
    if isinstance(manifest, TableManifest):
        named = [manifest.target, *manifest.schema.names, *([] if manifest.row_id is None else [manifest.row_id])]
    named += [manifest.name, *manifest.trusted, *manifest.libraries, *manifest.libraries.values()]
    named += [step.estimator for step in manifest.estimator] + [column.name for column in manifest.evaluation]
    for text in (*named, *(label for label in manifest.classes if isinstance(label, str))):
        check_text(f"{MANIFEST_FILE}: {text[:40]!r}", text)


class _SchemaVersion(msgspec.Struct):
    schema_version: int = 0
