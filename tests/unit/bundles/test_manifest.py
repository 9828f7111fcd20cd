import msgspec
import pytest

from lockstep.bundles.manifest import Manifest, decode_manifest, encode_manifest
from lockstep.training.training import Trained


def change(value: object) -> object:
    match value:
        case str():
            return value + "x"
        case int() | float():
            return value + 1
        case list():
            return value[:-1]
        case dict():
            first = next(iter(value))
            return value | {first: change(value[first])}
    return msgspec.structs.replace(value, **{value.__struct_fields__[-1]: change(getattr(value, "rows", "?"))})


@pytest.mark.parametrize("name", [name for name in Manifest.__struct_fields__ if name != "version"])
def test_digest_covers_every_member(trained: Trained, name: str) -> None:
    manifest = trained.manifest
    changed = msgspec.structs.replace(manifest, **{name: change(getattr(manifest, name))})
    assert manifest.digest() == manifest.version
    assert changed.digest() != manifest.version
    assert changed.sealed().version == changed.digest()


def test_manifest_reads_back(trained: Trained) -> None:
    assert decode_manifest(encode_manifest(trained.manifest)) == trained.manifest
