"""The picture of a terminal in the README, made of two real runs: `python -m qa.terminal` writes docs/terminal.svg.

The first run meets the default model. The second meets the same service with one feature that is computed in another
way, as it happens when somebody writes the features of the service again: by NumPy's standard deviation, which divides
by n, instead of the evaluation's, which divides by n - 1. Such a service would not start, for it cannot reproduce its
evaluation; so it is made here, behind that check.
"""

import copy
import io
import logging
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
from flask import Flask
from rich.console import Console
from rich.text import Text

from lockstep.bundles.registry import Registry
from lockstep.bundles.series import as_series
from lockstep.data.bars import Array, Bars
from lockstep.predict.forecast import Forecaster
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.servers import ROOT
from qa.threads import serve_app

PICTURE = ROOT / "docs" / "terminal.svg"
CHANGED, WINDOW = "21d_volatility", 21
SHOWN_URL = "http://127.0.0.1:5000"
WIDTH = 112
"""Characters of a line of the picture; a longer one is cut, but for the one that all is about."""
PLACE = "    first differs at "
CURSOR = re.compile(r"\x1b\[\?25[lh]")
CALM = {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "0", "COLUMNS": "1000"}
"""Colors, and no line that moves."""
NOTE = "# the same model, but the service computes 21d_volatility with NumPy's std (ddof=0), the evaluation with ddof=1"
FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>Two runs of lockstep parity: all checks at parity, then one feature that differs</title>
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's picture without its fonts, which it would load from elsewhere."""


def make_service(changes_feature: bool) -> Flask:
    """Return the service of the default model, with its features or with one of them changed."""
    service = load_service(Settings(rate_limit=None))
    if not changes_feature:
        return make_app(service)
    default = service.registry.default
    bundle = as_series(default.bundle)
    served = replace(default, bundle=replace(bundle, forecaster=change_feature(bundle.forecaster)))
    return make_app(replace(service, registry=Registry((served,), served)))


def change_feature(forecaster: Forecaster) -> Forecaster:
    """Return a forecaster of which one feature is NumPy's standard deviation of the returns in a window."""
    real = forecaster.feature_set

    def build(bars: Bars) -> Array:
        features = real.build(bars)
        returns = bars.close[1:] / bars.close[:-1] - 1.0
        windows = np.lib.stride_tricks.sliding_window_view(returns, WINDOW)
        first = real.lookback_bars - 1
        features[first:, real.columns.index(CHANGED)] = windows[first - WINDOW :].std(axis=1)
        return features

    changed = copy.copy(forecaster)
    changed.feature_set = replace(real, build=build)
    return changed


def run_parity(url: str, *options: str) -> str:
    """Return what `lockstep parity` prints on a terminal, with its colors."""
    command = (sys.executable, "-m", "lockstep", "parity", url, *options)
    run = subprocess.run(  # noqa: S603 -- our own command
        command, cwd=ROOT, env={**os.environ, **CALM}, capture_output=True, text=True, timeout=120, check=False
    )
    return CURSOR.sub("", run.stdout).replace(url, SHOWN_URL).replace(f"{ROOT}/", "")


def draw(blocks: list[str]) -> str:
    """Return the picture of what was typed and printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for block in blocks:
        for line in block.splitlines():
            shown = Text.from_ansi(line)
            if line.startswith(PLACE):
                shown.stylize("bold")
            else:
                shown.truncate(WIDTH, overflow="ellipsis")
            console.print(shown, soft_wrap=False)
    return console.export_svg(title="lockstep parity", code_format=FRAME, unique_id="lockstep")


def main() -> None:
    """Write the picture."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    command = f"\x1b[1m$ .venv/bin/lockstep parity {SHOWN_URL}\x1b[0m"
    blocks = []
    with serve_app(make_service(changes_feature=False)) as url:
        blocks += [command, run_parity(url)]
    with serve_app(make_service(changes_feature=True)) as url:
        blocks += ["\n", f"\x1b[2m{NOTE}\x1b[0m", f"{command} --only batch", run_parity(url, "--only", "batch")]
    PICTURE.write_text(draw(blocks))


if __name__ == "__main__":
    main()
