"""What `lockstep init` writes: made, tested, trained, served and proven."""

from pathlib import Path

from qa.dist.clash import TRAIN
from qa.dist.folders import write_prices
from qa.dist.steps import run, timed
from qa.servers import App, run_server


def try_created_application(lockstep: Path, folder: Path) -> None:
    """Write an application by the installed library and use it with the commands that `init` prints."""
    with timed("init to a parity-checked answer"):
        with timed("lockstep init"):
            run([lockstep, "init", folder], folder.parent)
        with timed("make test: environment, verify, parity of the served application"):
            run(["make", "test"], folder)
    own = folder / ".venv" / "bin" / "lockstep"
    write_prices(folder / "prices.csv")
    with timed("train on a price file of one's own"):
        run([own, "train", "prices.csv", *TRAIN, "--out", "models/walk"], folder)
    with run_server(App("make run", ("make", "run"), folder=folder)) as server, timed("parity of the default model"):
        run([own, "parity", server.url], folder)
    with (
        run_server(App("lockstep serve models/walk", (str(own), "serve", "models/walk"), folder=folder)) as server,
        timed("parity of one's own model"),
    ):
        run([own, "parity", server.url, "--bundle", "models/walk"], folder)
    with timed("keys new, deploy --dry-run"):
        run([own, "keys", "new", "me"], folder)
        run([own, "deploy", "my-app", "--dry-run"], folder)
    with timed("make test, with two models"):
        run(["make", "test"], folder)
