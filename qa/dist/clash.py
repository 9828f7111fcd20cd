"""The installed library in a project that has modules of its own under names such as `models` and `backend`."""

from pathlib import Path

from qa.dist.folders import write_hostile_project
from qa.dist.steps import expect, run, timed
from qa.servers import App, run_server

TRAIN = ("--symbol", "WALK", "--calendar", "file", "--test-rows", "200")
INIT_NAMED = "lockstep init"


def try_hostile_project(python: Path, folder: Path) -> None:
    """Train, serve and prove in a folder whose modules raise at import; raise `RunFailed` at the first fault."""
    folder.mkdir()
    write_hostile_project(folder)
    lockstep = python.parent / "lockstep"
    with timed("hostile folder: train without --out is refused, naming init"):
        expect("--out", run([lockstep, "train", "prices.csv", *TRAIN], folder, expected=2))
    with timed("hostile folder: train"):
        run([lockstep, "train", "prices.csv", *TRAIN, "--out", "trained/walk"], folder)
    with run_server(serve(lockstep, folder)) as server:
        with timed("hostile folder: parity of the packaged application"):
            expect(INIT_NAMED, run([lockstep, "parity", server.url], folder))
        expect(INIT_NAMED, server.read_log())
    with run_server(serve(lockstep, folder, "trained/walk")) as server:
        with timed("hostile folder: parity of the trained model"):
            run([lockstep, "parity", server.url, "--bundle", "trained/walk"], folder)
        with timed("hostile folder: the pytest plugin"):
            plugin = ["--parity-url", server.url, "--parity-bundle", "trained/walk"]
            expect("test_of_the_projects_own PASSED", run([python.parent / "pytest", "-v", *plugin], folder))
            run([python, "-m", "pytest", "-q", *plugin], folder)


def serve(lockstep: Path, folder: Path, *models: str) -> App:
    """Return the app of `lockstep serve MODELS` in a folder."""
    return App(f"lockstep serve {' '.join(models)}", (str(lockstep), "serve", *models), folder=folder)
