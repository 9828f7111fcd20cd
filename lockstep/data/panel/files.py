"""A folder of price files: one a series, or a folder `symbol=MSFT` of files for each."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lockstep.data.bars import Bars
from lockstep.data.panel.sources import BadSeries, Panel, join_bars, make_panel
from lockstep.data.price_files.cells import SYMBOL, SYMBOL_NAMES, show_name
from lockstep.data.price_files.form import CSV, PARQUET, SUFFIXES, ZIPPED, PriceForm
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput, Problem

PARTITION = f"{SYMBOL}="
"""How the folder of a partition begins, as Hive, Spark, Arrow and Ray write it; in any case."""
PARTITIONS = tuple(f"{name}=" for name in SYMBOL_NAMES)
HIDDEN = (".", "_")
"""What such engines put beside the data, such as _SUCCESS."""


@dataclass(frozen=True)
class SeriesFiles:
    """The price files of one symbol, in the order of their names."""

    symbol: str
    paths: tuple[Path, ...]
    form: PriceForm

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars of all files, oldest first; raise `InvalidInput` or OSError."""
        if len(self.paths) == 1:
            return read_price_file(self.paths[0], self.form).cells.read(schema, self.symbol)
        parts = []
        for path in self.paths:
            try:
                parts.append(read_price_file(path, self.form).cells.read(schema, self.symbol))
            except InvalidInput as error:
                raise InvalidInput([Problem(None, path.name, str(error))]) from error
        return join_bars(parts)

    def find_said(self) -> tuple[str, ...]:
        """Return what there is to say of how the first file is read; raise `InvalidInput` or OSError."""
        return read_price_file(self.paths[0], self.form).cells.said

    def digest(self) -> str:
        """Return the SHA-256 of the files, one after the other."""
        digest = hashlib.sha256()
        for path in self.paths:
            digest.update(path.read_bytes())
        return digest.hexdigest()


def find_in_folder(folder: Path, form: PriceForm) -> Panel:
    """Return the series of a folder; raise `InvalidInput` if it has none. Files with other suffixes are passed over."""
    found: dict[str, list[tuple[Path, ...]]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name.lower().startswith(PARTITIONS):
            parts = tuple(each for each in sorted(path.rglob("*")) if _find_suffix(each))
            found.setdefault(unquote(path.name.partition("=")[2]), []).append(parts)
        elif suffix := _find_suffix(path):
            found.setdefault(path.name[: -len(suffix)], []).append((path,))
    if not found:
        expected = f"files called SYMBOL{CSV}, SYMBOL{ZIPPED} or SYMBOL{PARQUET}, or folders called {PARTITION}SYMBOL"
        raise InvalidInput([Problem(None, show_name(folder.name), f"no price files; expected {expected}")])
    sources = [SeriesFiles(symbol, paths[0], form) for symbol, paths in found.items() if not _find_fault(paths)]
    bad = [BadSeries(show_name(symbol), fault) for symbol, paths in found.items() if (fault := _find_fault(paths))]
    return make_panel(sources, bad)


def _find_suffix(path: Path) -> str:
    """Return the suffix of a price file; empty for what is none."""
    name = path.name.lower()
    suffix = next((each for each in SUFFIXES if name.endswith(each) and len(name) > len(each)), "")
    return suffix if suffix and not name.startswith(HIDDEN) and path.is_file() else ""


def _find_fault(places: list[tuple[Path, ...]]) -> str:
    if len(places) > 1:
        names = " and ".join(show_name(paths[0].name if paths else PARTITION) for paths in places)
        return f"the symbol is there {len(places)} times: {names}; leave one"
    return "" if places[0] else f"the folder has no price file; expected {', '.join(SUFFIXES)}"
