"""Try every wrong service with many seeds, for `make mutants`: each has to be found with nearly all of them."""

import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_bundle
from lockstep.parity.draws import draw_seed
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.predict.intervals import interval_at
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app, make_app
from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants.bounds import BOUND_PROXIES
from tests.parity.mutants.door_proxies import DOOR_PROXIES, LABEL_PROXIES
from tests.parity.mutants.intervals import WRONG_INTERVALS
from tests.parity.mutants.panels import ANSWERS, FRAMES, OF_SERIES, REGISTRIES
from tests.parity.mutants.proxies import PROXIES, TABLE_PROXIES, Proxy
from tests.parity.mutants.trials import serve_forecaster, try_checks, try_proxy
from tests.small_panels import make_series, save_panel

SEEDS, ENOUGH, PROCESSES = 20, 19, 2
N_SERIES = 9
TABLE, LABELS = "table-forest", "table-logistic"


@cache
def open_bundle(folder: Path) -> tuple[Bundle, Wsgi]:
    """Return the bundle in a folder, and the real service of it."""
    return load_bundle(folder), create_app(Settings(models=(folder,), rate_limit=None)).wsgi_app


def count_found(kind: str, place: int, folder: Path, seeds: list[int]) -> int:
    """Return with how many of the seeds a proxy is found."""
    bundle, app = open_bundle(folder)
    return sum(try_proxy(list_proxies(kind)[place], app, bundle, seed) is not None for seed in seeds)


def count_found_intervals(place: int, seeds: list[int]) -> int:
    """Return with how many of the seeds a wrong interval is found."""
    wrong, (bundle, _) = WRONG_INTERVALS[place], open_bundle(DEFAULT_BUNDLE)
    client = AppClient(serve_forecaster(wrong.mutate), bundle.manifest.name)
    return sum(try_checks(make_subject(client, bundle, seed), wrong.killers) is not None for seed in seeds)


def count_found_panels(kind: str, name: str, folder: Path, seeds: list[int]) -> int:
    """Return with how many of the seeds a wrong service of a panel is found."""
    bundle, app = open_bundle(folder)
    if kind == "registry":
        real = load_service(Settings(models=(folder,), rate_limit=None))
        wrong = REGISTRIES[name](real.registry.served, real.registry.default)
        app, killers = make_app(replace(real, registry=wrong)).wsgi_app, OF_SERIES
    else:
        app, killers = ANSWERS[name].wrap(app), FRAMES
    subjects = (make_subject(AppClient(app, bundle.manifest.name), bundle, seed) for seed in seeds)
    return sum(try_checks(subject, killers, list_checks(bundle)) is not None for subject in subjects)


def list_proxies(kind: str) -> tuple[Proxy, ...]:
    """Return the proxies in front of a kind of model; they hold functions, which no process can send to another."""
    return {
        "series": (*PROXIES, *BOUND_PROXIES),
        "table": (*TABLE_PROXIES, *DOOR_PROXIES),
        "labels": LABEL_PROXIES,
    }[kind]


def main() -> int:
    """Print with how many seeds each proxy is found; return 1 if one is not found with enough of them."""
    started, seeds = time.perf_counter(), [draw_seed() for _ in range(SEEDS)]
    print(f"seeds: {' '.join(map(str, seeds))}")
    survived = []
    with tempfile.TemporaryDirectory() as models, ProcessPoolExecutor(PROCESSES) as pool:
        trained = {kind: train_family(name, Path(models)) for kind, name in (("table", TABLE), ("labels", LABELS))}
        folders = {"series": DEFAULT_BUNDLE, **trained}
        tried = [
            (f"{kind}: {proxy.name}", pool.submit(count_found, kind, place, folder, seeds))
            for kind, folder in folders.items()
            for place, proxy in enumerate(list_proxies(kind))
        ]
        tried += [
            (f"interval: {wrong.name}", pool.submit(count_found_intervals, place, seeds))
            for place, wrong in enumerate(WRONG_INTERVALS)
        ]
        panel = save_panel(Path(models) / "walks", make_series(N_SERIES), interval=interval_at(1))
        tried += [
            (f"panel: {name}", pool.submit(count_found_panels, kind, name, panel, seeds))
            for kind, wrong in (("registry", REGISTRIES), ("answers", ANSWERS))
            for name in wrong
        ]
        for name, found in tried:
            print(f"{found.result():>3} of {SEEDS}  {name}", flush=True)
            survived += [name] if found.result() < ENOUGH else []
    print(f"{len(tried)} wrong services, {len(survived)} not found with {ENOUGH} of {SEEDS} seeds, in", end=" ")
    print(f"{time.perf_counter() - started:.0f} s")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
