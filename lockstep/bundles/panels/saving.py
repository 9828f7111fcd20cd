"""Write a panel series by series, so that no more than one of them is in memory."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lockstep.bundles.evaluation import Column, Evaluation
from lockstep.bundles.manifest import PanelManifest, check_texts
from lockstep.bundles.panels.arrays import ArrayWriter, bars_dtype
from lockstep.bundles.panels.bundle import BARS_FILE, ROWS_FILE
from lockstep.bundles.panels.evaluated import digest_stages, list_pinned, record_dtype, record_rows
from lockstep.bundles.panels.index import PanelIndex
from lockstep.bundles.panels.index_lines import (
    BARS,
    EVALUATION,
    INDEX_FILE,
    SeriesEntry,
    list_index_columns,
    write_index,
)
from lockstep.bundles.panels.means import average_scores
from lockstep.bundles.panels.windows import span_windows
from lockstep.bundles.saving import fresh_folder, publish, seal_manifest
from lockstep.bundles.series_scores import SeriesScores
from lockstep.data.bars import Bars
from lockstep.data.texts import check_symbol
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Labels


@contextmanager
def draft_panel(model: Path, classes: Labels) -> Iterator["PanelDraft"]:
    """Yield a draft of the next version of the model in the folder `model`: add series to it, then save it.

    `classes` are those of a classifier. What is not saved is deleted. Raises `InvalidBundle` for a folder that cannot
    become a model's.
    """
    with fresh_folder(model) as fresh, ExitStack() as files:
        yield PanelDraft(fresh, classes, files)


class PanelDraft:
    """A panel that is being written: its arrays so far, and what its index is to say."""

    def __init__(self, folder: Path, classes: Labels, files: ExitStack) -> None:
        self._folder, self._classes, self._files = folder, classes, files
        self._entries: dict[str, SeriesEntry] = {}
        self._columns: tuple[Column, ...] = ()

    def add(self, symbol: str, bars: Bars, evaluation: Evaluation, scored: SeriesScores) -> None:
        """Write one series: its bars (oldest first), the evaluation of the last of them, and the scores of that.

        All series have the same columns, and scores of the same predictors. Raises `InvalidBundle` for one that does
        not fit.
        """
        check_symbol(symbol)
        if not self._entries:
            self._columns, dtype = evaluation.columns, record_dtype(evaluation.columns, self._classes)
            self._bars = self._open(BARS_FILE, bars_dtype(len(bars.values)))
            self._rows = self._open(ROWS_FILE, dtype)
        if symbol in self._entries or evaluation.columns != self._columns:
            raise InvalidBundle(
                f"{symbol} is there twice, or its evaluation has other columns than the series before it"
            )
        records = record_rows(evaluation, self._rows.dtype)
        numbers = np.ascontiguousarray(bars.values.T).view(self._bars.dtype).reshape(-1)
        places = range(self._bars.n_rows, self._bars.n_rows + numbers.size)
        rows = range(self._rows.n_rows, self._rows.n_rows + records.size)
        digests = {
            BARS: hashlib.sha256(self._bars.append(numbers)).hexdigest(),
            EVALUATION: hashlib.sha256(self._rows.append(records)).hexdigest(),
            **digest_stages(evaluation),
        }
        self._entries[symbol] = SeriesEntry(symbol, str(bars.dates[0]), places, rows, digests, scored)

    def _open(self, name: str, dtype: np.dtype[Any]) -> ArrayWriter:
        return self._files.enter_context(ArrayWriter(self._folder / name, dtype))

    def save(self, manifest: PanelManifest, files: Mapping[str, bytes]) -> Path:
        """Save the draft as the next version of its model, and return the version's folder.

        `files` are those of the model. What follows from the series is filled in: the members `series`, `learning`,
        `test`, `scores`, `evaluation`, `files` and `digest` of the manifest are not read.
        """
        if not self._entries:
            raise InvalidBundle("a panel needs a series: none was added")
        scores = average_scores([entry.scored.scores for entry in self._entries.values()])
        counted = {"series": len(self._entries), "scores": scores, "evaluation": list(self._columns)}
        described = msgspec.structs.replace(manifest, **counted)
        header = list_index_columns(list_pinned(self._columns), scores)
        index = write_index(header, list(self._entries.values()))
        windows = span_windows(PanelIndex(index, described), manifest.schema.calendar.build(), manifest)
        stated = msgspec.structs.replace(described, learning=windows.learning, test=windows.test)
        check_texts(stated)
        self._bars.finish()
        self._rows.finish()
        pinned = {**files, INDEX_FILE: index.encode()}
        return publish(self._folder, seal_manifest(stated, pinned), pinned)
