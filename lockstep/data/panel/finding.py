"""Find the series of a panel, whatever holds them."""

import hashlib
from pathlib import Path

from lockstep.data.panel.files import find_in_folder
from lockstep.data.panel.long_csv import find_in_long_csv
from lockstep.data.panel.long_parquet import find_in_long_parquet
from lockstep.data.panel.sources import Panel
from lockstep.data.price_files.form import CSV, PARQUET, UNTOLD, PriceForm
from lockstep.errors import InvalidInput, Problem


def find_panel(path: Path, form: PriceForm = UNTOLD) -> Panel:
    """Return the series of a folder of price files, or of a long frame in CSV or Parquet.

    Raises `InvalidInput` for what is neither, and OSError.
    """
    if path.is_dir():
        return find_in_folder(path, form)
    if path.name.lower().endswith(PARQUET):
        return find_in_long_parquet(path, form)
    if path.name.lower().endswith(CSV):
        return find_in_long_csv(path, form)
    expected = f"a folder of price files, or a long frame in a file that ends in {CSV} or {PARQUET}"
    raise InvalidInput([Problem(None, path.name, f"is no panel; expected {expected}")])


def digest_panel(path: Path, panel: Panel) -> str:
    """Return the SHA-256 of a file; of a folder that of its series, a line `SHA-256  SYMBOL` for each."""
    if path.is_dir():
        lines = "".join(f"{source.digest()}  {source.symbol}\n" for source in panel.sources)
        return hashlib.sha256(lines.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
