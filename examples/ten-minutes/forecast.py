"""Print the forecast from the newest bar of a price file: `python examples/ten-minutes/forecast.py PRICES.csv`."""

import sys

import pandas as pd

from lockstep.client import Client

URL = "http://127.0.0.1:5000"


def main(path: str) -> None:
    """Ask the service, and print its answer in words."""
    bars = pd.read_csv(path).tail(1)
    with Client(URL) as client:
        forecast = client.forecast(bars, level=[80])
    row = forecast.iloc[0]
    print(f"{row.name:%Y-%m-%d}  closed at {row['close']:.2f}")
    print(f"{row['forecast_date']:%Y-%m-%d}  will close between {row['close_lo-80']:.2f} and {row['close_hi-80']:.2f}")
    print(f"            in 8 of 10 cases; the model says {row['close_pred']:.2f}")
    print("\n".join(forecast.attrs["warnings"]))


if __name__ == "__main__":
    main(sys.argv[1])
