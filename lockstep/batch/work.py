"""What one process does with a partition: keep it if it is finished, else run it and write it, the mark last."""

from dataclasses import dataclass

from lockstep.batch.files import make_folder, move_folder, write_file
from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.marks import Mark, digest_file, read_mark, write_mark
from lockstep.batch.partition import RunSeries, prepare, run_partition
from lockstep.batch.rows import NewModel
from lockstep.batch.table import WRITERS
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.saving import save_bundle
from lockstep.data.panel.sources import SeriesSource


@dataclass(frozen=True)
class Outcome:
    """A partition that is finished, and whether it was so before; how many series it has, and how many are bad."""

    place: int
    is_kept: bool
    series: int
    bad: int


NOTHING = Outcome(0, False, 0, 0)


class Worker:
    """A process that holds the model of a job and runs its partitions."""

    def __init__(self, folder: OutputFolder) -> None:
        self.folder = folder
        self._run: RunSeries | None = None

    def work(self, partition: Partition) -> Outcome:
        """Return the outcome of a partition, whose files are then there; raise OSError if they cannot be written.

        The model is loaded when the first partition needs it. A series whose bytes cannot be read has the digest of
        nothing: it is bad until they can.
        """
        key = self.folder.job.make_key([(source.symbol, _digest(source)) for source in partition.sources])
        mark = read_mark(self.folder.mark_of(partition))
        if mark is not None and mark.key == key and self._is_whole(partition, mark):
            return Outcome(partition.place, True, mark.series, len(mark.bad))
        mark = self._finish(partition, key)
        return Outcome(partition.place, False, mark.series, len(mark.bad))

    def _is_whole(self, partition: Partition, mark: Mark) -> bool:
        """Return whether what a mark says is there."""
        models = all((self.folder.models / name / "1" / MANIFEST_FILE).is_file() for name in mark.models)
        return models and digest_file(self.folder.table_of(partition)) == mark.sha256

    def _finish(self, partition: Partition, key: str) -> Mark:
        self._run = self._run or prepare(self.folder.job)
        result, path = run_partition(self._run, partition), self.folder.table_of(partition)
        for model in result.trained:
            self._save_model(model)
        if result.table is None:
            path.unlink(missing_ok=True)
        else:
            write_file(path, WRITERS[self.folder.job.format](result.table))
        rows = 0 if result.table is None else len(result.table.rows)
        models = {each.manifest.name: each.manifest.digest for each in result.trained}
        mark = Mark(key, digest_file(path), len(partition.sources), rows, result.bad, models)
        write_mark(self.folder.mark_of(partition), mark)
        return mark

    def _save_model(self, model: NewModel) -> None:
        """Write a trained model as version 1 of a model of its own, in the place of any that a killed run has left."""
        with make_folder(self.folder.models) as fresh:
            saved = save_bundle(fresh / model.manifest.name, model.manifest, model.files)
            move_folder(saved.parent, self.folder.models / model.manifest.name)


def _digest(source: SeriesSource) -> str:
    try:
        return source.digest()
    except OSError:
        return ""
