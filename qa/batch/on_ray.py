"""The same job on a real Ray head, in a network of its own."""

import tempfile
from pathlib import Path

from qa.batch.commands import Batch, digest_folder
from qa.batch.synthetic import write_series
from qa.errors import RunFailed
from qa.ray.head import ENVIRONMENT, run_head

N_SERIES = 250


def run_on_ray() -> list[str]:
    """Show that Ray Data writes the same bytes as the processes of one machine."""
    with tempfile.TemporaryDirectory(prefix="lockstep-batch-") as name:
        folder = Path(name)
        series = write_series(folder / "series", N_SERIES)
        here = Batch(series, folder / "here", ("--workers", "2"))
        here.run()
        with run_head() as head:
            python = ENVIRONMENT / "bin" / "python"
            there = Batch(series, folder / "there", ("--address", head.address), python, head.environ)
            ended = there.run()
        expected, found = digest_folder(here.out), digest_folder(there.out)
        if not expected or "finished before" in ended.log:
            raise RunFailed("there was nothing to compare", ended.log)
        return [f"{each} differs" for each in sorted({*expected, *found}) if expected.get(each) != found.get(each)]
