"""Write MSFT.csv from the public-domain series in the package bokeh_sampledata."""

import csv
from pathlib import Path

from bokeh_sampledata.stocks import MSFT

TARGET = Path(__file__).parent / "MSFT.csv"
COLUMNS = {
    "Date": "date",
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adj_close",
    "Volume": "volume",
}


def main() -> None:
    """Write the bars as supplied, in the Yahoo format, and say how many."""
    rows = list(zip(*(MSFT[name] for name in COLUMNS.values()), strict=True))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(f"{TARGET}: {len(rows)} bars, {rows[0][0]} … {rows[-1][0]}")


if __name__ == "__main__":
    main()
