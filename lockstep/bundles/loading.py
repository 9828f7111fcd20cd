"""Load the models that a process is to serve: choose versions, check each, and pick the default."""

import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from lockstep.bundles.bundle import Bundle, FindFeatures, Runs
from lockstep.bundles.choosing import choose_default, write_models_command
from lockstep.bundles.finding import find_models
from lockstep.bundles.picking import Gate
from lockstep.bundles.reading import finder_for, load_bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.versions import CHAMPION, NAME, VERSION, check_alias, list_versions, read_aliases
from lockstep.errors import EvaluationMismatch, InvalidBundle, LockstepError, UnknownModel
from lockstep.features.sources import describe_raised
from lockstep.predict.guarantees import describe_kept

log = logging.getLogger(__name__)

OVERRIDE = re.compile(rf"({NAME.pattern})@({NAME.pattern})=({VERSION.pattern})")

Aliases = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Selection:
    """What a process is to load.

    `paths` are models folders, models or versions. `aliases` override those on disk. With `versions` "all", every
    version of a model is loaded, else those that an alias names. A broken bundle ends the boot, or with `broken` "skip"
    is left out. With `gate` "warn" a failed self-check is told, not final. `default` names the model that answers if
    none is named; with `takes_first` it is the first one, if `default` is not among them. With `predictor` "pickles"
    scikit-learn predicts, whatever the bundles hold.
    """

    paths: Sequence[Path]
    aliases: Aliases = field(default_factory=dict)
    versions: Literal["aliases", "all"] = "aliases"
    broken: Literal["refuse", "skip"] = "refuse"
    gate: Gate = "enforce"
    default: str | None = None
    takes_first: bool = False
    predictor: Runs = "sealed"


def parse_aliases(text: str) -> dict[str, dict[str, int]]:
    """Return the aliases in `msft@champion=3,…` by model; raise ValueError, naming the entry by its place."""
    aliases: dict[str, dict[str, int]] = {}
    for place, entry in enumerate(filter(None, map(str.strip, text.split(","))), 1):
        if not (found := OVERRIDE.fullmatch(entry)):
            raise ValueError(f"entry {place} is {entry[:40]!r}; expected a form like msft@champion=3")
        aliases.setdefault(found[1], {})[found[2]] = int(found[3])
    return aliases


def load_registry(selection: Selection) -> Registry:
    """Load and self-check what is selected; raise a `LockstepError` if the process must not serve."""
    found = _find_folders(selection)
    broken = _Broken(selection.broken)
    served: list[Served] = []
    for folder, version in found:
        with broken.left_out(folder.name):
            model = _read_model(folder, version, selection)
            find_features = cache(finder_for(folder / str(model.versions[0])))
            for number in model.versions:
                with broken.left_out(f"{folder.name}/{number}"):
                    served.append(_load_version(model, number, find_features, selection))
    return Registry(tuple(served), _find_default(served, found, selection), tuple(broken.reasons), selection.gate)


@dataclass
class _Broken:
    """What was left out; with `rule` "refuse" the first reason ends the boot. Anyone may read `reasons`: no paths."""

    rule: Literal["refuse", "skip"]
    reasons: list[str] = field(default_factory=list)

    @contextmanager
    def left_out(self, name: str) -> Iterator[None]:
        try:
            yield
        except LockstepError as error:
            if self.rule == "refuse":
                raise
            log.critical("left out: %s: %s", name, error)
            self.reasons.append(f"{name} was left out: {type(error).__name__}; the log has the reason")


@dataclass(frozen=True)
class _Model:
    """A model to load: its folder, its versions, and the version that each alias names."""

    folder: Path
    versions: list[int]
    aliases: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.folder.name


def _find_folders(selection: Selection) -> list[tuple[Path, int | None]]:
    """Return the folders of the models, and the version where one is named; raise `UnknownModel` for none or twice."""
    listed = ", ".join(map(str, selection.paths))
    try:
        found = [each for path in selection.paths for each in find_models(path)]
    except UnknownModel as error:
        raise UnknownModel(
            f"no model in {listed}; train one with: lockstep train PRICES.csv --symbol X --out models/x"
        ) from error
    names = [folder.name for folder, _ in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UnknownModel(f"{listed}: the model {min(twice)} is named twice; name each model once")
    if unknown := set(selection.aliases) - set(names):
        raise UnknownModel(f"an alias is set for the model {min(unknown)}, but there are {', '.join(names)}")
    return found


def _read_model(folder: Path, version: int | None, selection: Selection) -> _Model:
    overrides = selection.aliases.get(folder.name, {})
    if version is not None and overrides:
        raise UnknownModel(f"aliases are set for {folder.name}, but its version {version} is named; name the model")
    if version is not None:
        return _Model(folder, [version], {CHAMPION: version})
    aliases = {**read_aliases(folder), **overrides}
    for alias, number in aliases.items():
        check_alias(folder, alias, number)
    if CHAMPION not in aliases:
        promote = f"{write_models_command(folder.parent)} promote {folder.name} VERSION"
        raise UnknownModel(f"{folder} has no champion; run: {promote}")
    named = sorted(set(aliases.values()))
    return _Model(folder, list_versions(folder) if selection.versions == "all" else named, aliases)


def _load_version(model: _Model, version: int, find_features: FindFeatures, selection: Selection) -> Served:
    folder = model.folder / str(version)
    bundle = load_bundle(folder, find_features, selection.predictor)
    if bundle.manifest.name != model.name:
        raise InvalidBundle(f"{folder} is a version of {bundle.manifest.name}; its folder has to have that name")
    for warning in bundle.warnings:
        log.warning("%s/%d: %s", model.name, version, warning)
    aliases = tuple(alias for alias, named in model.aliases.items() if named == version)
    try:
        self_check = _run_self_check(f"{model.name}/{version}", bundle, selection.gate)
    except LockstepError:
        raise
    except Exception as error:  # the code of a feature set may raise anything
        reason = f"{folder}: the self-check raised {describe_raised(error)}"
        raise InvalidBundle(f"{reason}; `lockstep verify {folder}` shows where") from error
    return Served(model.name, version, aliases, bundle, self_check)


def _run_self_check(name: str, bundle: Bundle, gate: Gate) -> SelfCheck:
    started = time.perf_counter()
    try:
        rows, duration_s = check_evaluation(bundle), time.perf_counter() - started
        kept = describe_kept(bundle.guarantees)
        log.info("%s: %d evaluation rows reproduced %s in %.2f s", name, rows, kept, duration_s)
        return SelfCheck(rows, duration_s)
    except EvaluationMismatch as error:
        if gate == "enforce":
            raise
        log.critical("LOCKSTEP_GATE=warn: serving although the self-check failed: %s", error)
        return SelfCheck(0, time.perf_counter() - started, str(error))


def _find_default(served: Sequence[Served], found: Sequence[tuple[Path, int | None]], selection: Selection) -> Served:
    """Return the champion that answers if a request names no model.

    It is the first of models that are named one by one, or in a folder of others than the application's, if the
    application's default is not among them.
    """
    names = [folder.name for folder, _ in found]
    folders = {folder for folder, _ in found}
    named = [path for path in selection.paths if path.resolve() in folders or path.resolve().parent in folders]
    is_other = selection.takes_first or len(named) == len(selection.paths)
    is_narrowed = is_other and selection.default not in names
    if is_narrowed and len(names) > 1:
        log.info("%s answers requests that name no model: it is the first of %s", names[0], ", ".join(names))
    name = names[0] if is_narrowed else choose_default(names, selection.default)
    for each in served:
        if each.name == name and CHAMPION in each.aliases:
            return each
    raise UnknownModel(f"the default model {name} has no champion that can be served")
