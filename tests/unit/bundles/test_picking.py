"""Series of a panel are checked when they are first asked for, and one that fails keeps no other from being served."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import lockstep.bundles.picking
from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.panels.bundle import BARS_FILE, ROWS_FILE, PanelBundle
from lockstep.bundles.panels.drawing import DRAWN_SERIES, draw_places
from lockstep.bundles.picking import PickedSeries
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import write_aliases
from lockstep.errors import DigestMismatch, UnknownSymbol, UnprovenSeries
from lockstep.scoring.errors import describe
from tests.small_panels import TEST_ROWS, make_series, save_panel

N_SERIES = 20
Damage = Callable[[str], str]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "many", make_series(N_SERIES))


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the panel, which a test may damage."""
    return Path(shutil.copytree(saved.parent, tmp_path / "models" / "many")) / "1"


def load(folder: Path, **options: object) -> Registry:
    return load_registry(replace(Selection([folder]), **options))  # type: ignore[arg-type]


def panel_of(folder: Path) -> PanelBundle:
    loaded = load_bundle(folder)
    assert isinstance(loaded, PanelBundle)
    return loaded


def flip_byte(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def damage(folder: Path, symbol: str, name: str = BARS_FILE) -> None:
    """Change one bit of the newest bar of a series, or of its newest test row."""
    panel = panel_of(folder)
    entry = panel.index.entry(symbol)
    size, rows = (40, entry.places) if name == BARS_FILE else (16, entry.rows)
    total = sum(panel.index.bars) if name == BARS_FILE else sum(panel.index.test_rows)
    flip_byte(folder / name, (folder / name).stat().st_size - size * int(total) + size * rows.stop - 8)


def not_drawn(folder: Path) -> str:
    panel = panel_of(folder)
    return next(symbol for symbol in panel.index.symbols if symbol not in panel.draw())


def test_a_draw_is_the_same_everywhere_and_names_different_series() -> None:
    drawn = [int(hashlib.sha256(f"{'ab' * 32}:{draw}".encode()).hexdigest(), 16) % 5000 for draw in range(DRAWN_SERIES)]
    assert draw_places("ab" * 32, 5000) == sorted(drawn)
    assert len(set(drawn)) == DRAWN_SERIES
    assert draw_places("ab" * 32, 5000) != draw_places("ac" * 32, 5000)
    assert draw_places("ab" * 32, 3) == [0, 1, 2]
    assert len(draw_places("0" * 64, DRAWN_SERIES + 1)) == DRAWN_SERIES


def test_a_boot_checks_the_drawn_series_alone(folder: Path) -> None:
    assert load(folder).default.self_check.rows == DRAWN_SERIES * TEST_ROWS


def test_a_drawn_series_that_fails_ends_the_boot_and_is_named(folder: Path) -> None:
    symbol = panel_of(folder).draw()[3]
    damage(folder, symbol)
    with pytest.raises(DigestMismatch, match=rf"series {symbol}: bars\.npy: the rows of {symbol} have SHA-256"):
        load(folder)


@pytest.mark.parametrize("name", [BARS_FILE, ROWS_FILE])
def test_another_series_that_fails_is_refused_alone(folder: Path, name: str) -> None:
    symbol = not_drawn(folder)
    damage(folder, symbol, name)
    registry = load(folder)
    with pytest.raises(UnprovenSeries, match=rf"the series {symbol} is not served, the others are: {name}") as refused:
        registry.pick(symbol=symbol)
    assert (describe(refused.value).kind.status, describe(refused.value).kind.code) == (503, "unproven-series")
    assert registry.pick(symbol=panel_of(folder).draw()[0]).self_check.fault is None
    assert (registry.faults, len(registry.list_failed())) == ([], 1)


def test_files_that_are_restored_after_a_failure_need_a_reload(folder: Path) -> None:
    symbol = not_drawn(folder)
    damage(folder, symbol)
    registry = load(folder)
    with pytest.raises(UnprovenSeries):
        registry.pick(symbol=symbol)
    damage(folder, symbol)  # the same bit again
    with pytest.raises(UnprovenSeries):
        registry.pick(symbol=symbol)
    assert load(folder).pick(symbol=symbol).symbol == symbol


def test_a_file_that_is_cut_off_while_it_is_served_fails_one_series_after_the_other(folder: Path) -> None:
    registry = load(folder)
    first, last = registry.default.bundle, "S19"
    assert isinstance(first, PanelBundle)
    (folder / BARS_FILE).write_bytes((folder / BARS_FILE).read_bytes()[:-1])
    with pytest.raises(UnprovenSeries, match=r"bars\.npy was cut off since it was opened"):
        registry.pick(symbol=last)
    assert registry.pick(symbol="S0").symbol == "S0"


def test_bits_that_change_under_a_service_are_found_when_the_series_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep.bundles.picking, "MAX_KEPT", 1)
    registry = load(folder)
    for symbol in ("S1", "S2"):
        registry.pick(symbol=symbol)
    damage(folder, "S1")
    with pytest.raises(UnprovenSeries, match="S1"):
        registry.pick(symbol="S1")


def test_an_evaluation_is_recomputed_at_the_first_request_and_not_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def count(bundle: SeriesBundle) -> int:
        checked.append(bundle.manifest.symbol)
        return check_evaluation(bundle)

    monkeypatch.setattr(lockstep.bundles.picking, "check_evaluation", count)
    monkeypatch.setattr(lockstep.bundles.picking, "MAX_KEPT", 1)
    picked = PickedSeries(panel_of(folder), "enforce")
    for symbol in ("S1", "S2", "S1", "S2"):
        assert picked.pick(symbol).rows == TEST_ROWS
    assert checked == ["S1", "S2"]


def test_no_more_series_are_kept_than_there_is_room_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep.bundles.picking, "MAX_KEPT", 2)
    picked = PickedSeries(panel_of(folder), "enforce")
    held = [picked.pick(f"S{place}").bundle for place in range(4)]
    assert [picked.pick(f"S{place}").bundle is held[place] for place in (3, 2, 0)] == [True, True, False]


def test_versions_and_aliases_of_a_panel_pick_its_series(folder: Path) -> None:
    save_panel(folder.parent, make_series(3, seed=9))
    write_aliases(folder.parent, {"champion": 1, "challenger": 2})
    registry = load_registry(Selection([folder.parent]))
    first, second = (registry.pick("many", alias, "S2") for alias in ("champion", "challenger"))
    assert [(each.version, each.symbol) for each in (first, second)] == [(1, "S2"), (2, "S2")]
    assert first.bundle.manifest.digest != second.bundle.manifest.digest
    with pytest.raises(UnknownSymbol, match="many has no series 'S19'; it forecasts S0, S1, S2"):
        registry.pick("many", "challenger", "S19")
    with pytest.raises(UnknownSymbol, match="it forecasts S0, S1, S2; did you mean 'S2'\\?"):
        registry.pick("many", "challenger", "s2")


def test_a_symbol_of_several_models_needs_a_model_beside_it(folder: Path) -> None:
    save_panel(folder.parents[1] / "few", make_series(3, seed=9))
    registry = load_registry(Selection([folder.parents[1]], default="many"))
    assert registry.pick(symbol="S2").name == "many"  # the default model's own
    other = replace(registry, default=registry.pick("few", symbol="S0"))
    assert (other.pick(symbol="S19").name, other.pick(symbol="S2").name) == ("many", "few")
    with pytest.raises(UnknownSymbol, match="no model for 'MSFT'; this service forecasts S0, S1, S2"):
        registry.pick(symbol="MSFT")
    with pytest.raises(UnknownSymbol, match="; did you mean 'S12'\\?"):
        registry.pick(symbol="s12")
