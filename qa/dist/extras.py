"""Each extra alone: an environment that holds it and nothing else runs every command that it is for."""

import re
import sys
from pathlib import Path

from qa.dist.clash import serve
from qa.dist.folders import write_prices
from qa.dist.steps import expect, run, timed
from qa.environments import make_environment
from qa.servers import ROOT, run_server

EXTRAS = ("train", "serve", "parity", "client")
LOCK = ROOT / "requirements" / "local.txt"
MODEL = "trained/walk"
ASK = """
import sys, pandas
from lockstep.client import Client
with Client(sys.argv[1]) as client:
    print(client.forecast(pandas.read_csv("prices.csv").tail(5))["y_pred"].notna().sum(), "forecasts")
"""
REPORTS = (
    *("--html", "parity.html", "--junit", "parity.xml", "--markdown", "parity.md"),
    *("--certificate", "parity.json", "--sign", "parity.key"),
)


def try_each_extra(wheel: Path, folder: Path) -> None:
    """Take one model from a price file to a proof, each step in the environment of its own extra."""
    folder.mkdir()
    write_pins(folder / "pins.txt")
    train, server, parity, client = (install_extra(wheel, extra, folder) for extra in EXTRAS)
    write_prices(folder / "prices.csv")
    with timed("train alone: train, evaluate, models"):
        run([train, "train", "prices.csv", "--symbol", "WALK", "--test-rows", "200", "--out", MODEL], folder)
        run([train, "evaluate", MODEL], folder)
        expect("walk", run([train, "models", "--models", "trained"], folder))
    with timed("serve alone: verify, keys"):
        run([server, "verify", MODEL], folder)
        run([server, "keys", "new", "me"], folder)
    with timed("parity alone: parity of what serve alone serves, with every report; client alone: forecasts"), run_server(
        serve(server, folder, MODEL)
    ) as service:
        run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "parity.key"], folder)
        run([parity, "parity", service.url, "--bundle", MODEL, *REPORTS], folder)
        expect("5 forecasts", run([client.parent / "python", "-c", ASK, service.url], folder))
    with timed("parity alone: deploy --dry-run"):
        (folder / "Dockerfile.web").touch()
        run([parity, "deploy", "my-app", "--dry-run"], folder)


def write_pins(path: Path) -> None:
    """Write the lock's versions without the hashes: pip takes no hashes for a wheel that it is given by its path."""
    path.write_text("\n".join(re.findall(r"^[^#\s][^\\\n]*", LOCK.read_text(), re.MULTILINE)) + "\n")


def install_extra(wheel: Path, extra: str, folder: Path) -> Path:
    """Return the `lockstep` of a new environment, made by what a reader types: `pip install WHEEL[EXTRA]`."""
    with timed(f"an environment of {wheel.name}[{extra}]"):
        (folder / "empty.txt").touch()
        python = make_environment(folder / extra, Path(sys.executable), folder / "empty.txt")
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile"]
        run([*pip, "--constraint", "pins.txt", f"{wheel}[{extra}]"], folder)
    return python.parent / "lockstep"
