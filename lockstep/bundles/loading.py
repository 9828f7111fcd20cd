"""Load the models that a process is to serve: choose versions, check each, and pick the default."""

import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from lockstep.bundles.bundle import Bundle, FindFeatures, finder_for, load_bundle
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.versions import CHAMPION, check_alias, list_models, list_versions, read_aliases, resolve_version
from lockstep.errors import EvaluationMismatch, InvalidBundle, LockstepError, UnknownModel

log = logging.getLogger(__name__)

OVERRIDE = re.compile(r"([A-Za-z][A-Za-z0-9._-]{0,63})@([A-Za-z][A-Za-z0-9._-]{0,63})=([1-9][0-9]{0,5})")

Aliases = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Selection:
    """What a process is to load.

    `paths` are models folders, models or versions. `aliases` override those on disk. With `versions` "all", every
    version of a model is loaded, else those that an alias names. A broken bundle ends the boot, or with `broken` "skip"
    is left out. With `gate` "warn" a failed self-check is told, not final. `default` names the model that answers if
    none is named.
    """

    paths: Sequence[Path]
    aliases: Aliases = field(default_factory=dict)
    versions: Literal["aliases", "all"] = "aliases"
    broken: Literal["refuse", "skip"] = "refuse"
    gate: Literal["enforce", "warn"] = "enforce"
    default: str | None = None


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
    models = _choose_models(selection)
    served: list[Served] = []
    broken: list[str] = []
    for model in models:
        find_features = cache(finder_for(model.folder))
        for version in model.versions:
            try:
                served.append(_load_version(model, version, find_features, selection.gate))
            except LockstepError as error:
                if selection.broken == "refuse":
                    raise
                log.critical("left out: %s", error)
                broken.append(str(error))
    return Registry(tuple(served), _choose_default(served, models, selection), tuple(broken))


@dataclass(frozen=True)
class _Model:
    """A model to load: its folder, its versions, and the version that each alias names."""

    folder: Path
    versions: list[int]
    aliases: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.folder.name


def _choose_models(selection: Selection) -> list[_Model]:
    models = [model for path in selection.paths for model in _find_models(path.resolve(), selection)]
    listed = ", ".join(map(str, selection.paths))
    if not models:
        raise UnknownModel(f"no model in {listed}; train one with: lockstep train PRICES.csv --symbol X --out models/x")
    names = [model.name for model in models]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UnknownModel(f"{listed}: the model {min(twice)} is named twice; name each model once")
    if unknown := set(selection.aliases) - set(names):
        raise UnknownModel(f"an alias is set for the model {min(unknown)}, but there are {', '.join(names)}")
    return models


def _find_models(path: Path, selection: Selection) -> Iterator[_Model]:
    """Yield the models of a models folder, the model of a model's folder, or that of a version, with it alone."""
    if (path / MANIFEST_FILE).is_file():
        version = int(resolve_version(path).name)
        yield _Model(path.parent, [version], {CHAMPION: version})
        return
    for folder in [path] if list_versions(path) else list_models(path):
        overrides = selection.aliases.get(folder.name, {})
        for alias, version in overrides.items():
            check_alias(folder, alias, version)
        aliases = {**read_aliases(folder), **overrides}
        if CHAMPION not in aliases:
            raise UnknownModel(f"{folder} has no champion; run: lockstep models promote {folder.name} VERSION")
        named = sorted(set(aliases.values()))
        yield _Model(folder, list_versions(folder) if selection.versions == "all" else named, aliases)


def _load_version(model: _Model, version: int, find_features: FindFeatures, gate: str) -> Served:
    folder = model.folder / str(version)
    bundle = load_bundle(folder, find_features)
    if bundle.manifest.name != model.name:
        raise InvalidBundle(f"{folder} is a version of {bundle.manifest.name}; its folder has to have that name")
    for warning in bundle.warnings:
        log.warning("%s/%d: %s", model.name, version, warning)
    aliases = tuple(alias for alias, named in model.aliases.items() if named == version)
    return Served(model.name, version, aliases, bundle, _run_self_check(f"{model.name}/{version}", bundle, gate))


def _run_self_check(name: str, bundle: Bundle, gate: str) -> SelfCheck:
    started = time.perf_counter()
    try:
        rows, duration_s = check_evaluation(bundle), time.perf_counter() - started
        log.info("%s: %d evaluation rows reproduced, to the bit, in %.2f s", name, rows, duration_s)
        return SelfCheck(rows, duration_s)
    except EvaluationMismatch as error:
        if gate == "enforce":
            raise
        log.critical("LOCKSTEP_GATE=warn: serving although the self-check failed: %s", error)
        return SelfCheck(0, time.perf_counter() - started, str(error))


def _choose_default(served: Sequence[Served], models: Sequence[_Model], selection: Selection) -> Served:
    """Return the champion that answers if a request names no model: the default's, else the only or first-named one."""
    names = [model.name for model in models]
    is_named_alone = len(selection.paths) == len(models)
    name = selection.default if selection.default in names else None
    if name is None and (len(names) == 1 or is_named_alone):
        name = names[0]
    if name is None:
        raise UnknownModel(
            f"which model answers if a request names none? Set `default` in lockstep.toml to one of {', '.join(names)}"
        )
    for each in served:
        if each.name == name and CHAMPION in each.aliases:
            return each
    raise UnknownModel(f"the default model {name} has no champion that can be served")
