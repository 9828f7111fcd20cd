from typing import Any

import msgspec
import pytest

from lockstep.bundles.manifest import SeriesManifest, decode_manifest, encode_manifest
from lockstep.bundles.selections import CandidateEntry, choose_candidate
from lockstep.bundles.verdicts import NaiveComparison
from lockstep.training.training import Trained

ADDED = {"selection": choose_candidate([CandidateEntry("ridge", 0.0, NaiveComparison(0.0, 4, 10, 1.0))])}
"""Members that the manifest does not have."""


def change(value: Any) -> Any:
    match value:
        case str():
            return value + "x"
        case int() | float():
            return value + 1
        case list():
            return value[:-1] or ["up"]
        case dict():
            if not value:
                return {"daily.py:Clip": "x"}
            first = next(iter(value))
            return value | {first: change(value[first])}
    last = value.__struct_fields__[-1]
    return msgspec.structs.replace(value, **{last: change(getattr(value, last))})


@pytest.mark.parametrize("name", [name for name in SeriesManifest.__struct_fields__ if name != "digest"])
def test_digest_covers_every_member(trained: Trained, name: str) -> None:
    manifest = trained.manifest
    value = ADDED[name] if name in ADDED else change(getattr(manifest, name))
    changed = msgspec.structs.replace(manifest, **{name: value})
    assert manifest.compute_digest() == manifest.digest
    assert changed.compute_digest() != manifest.digest
    assert changed.sealed().digest == changed.compute_digest()


def test_manifest_reads_back(trained: Trained) -> None:
    assert decode_manifest(encode_manifest(trained.manifest)) == trained.manifest
