"""Print which version answers: `python examples/swapping-the-model/ask.py PRICES.csv [DIGEST]`.

With the digest of a model, or its first 12 digits, an answer of any other model is refused.
"""

import sys

import pandas as pd

from lockstep.client import Client
from lockstep.client.errors import WrongDigest

URL = "http://127.0.0.1:5000"


def main(path: str, digest: str | None = None) -> None:
    """Ask for the newest bar, and print the version, its digest and the forecast."""
    with Client(URL, digest=digest) as client:
        forecast = client.forecast(pd.read_csv(path).tail(1))
    [model] = forecast.attrs["models"]
    print(f"version {model['version']}, digest {model['digest'][:12]}: {forecast['close_pred'].iloc[0]:.2f}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except WrongDigest as error:
        sys.exit(str(error))
