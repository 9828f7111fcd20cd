"""The progress of several pieces of work, a bar for each."""

from rich.progress import Progress, TaskID


class Steps:
    """A bar for each piece of work, from its first step on; it is called as `lockstep.training.panel.prices.OnStep`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, work: str, done: int, steps: int) -> None:
        """Show that `done` of `steps` steps of the work are done."""
        if work not in self._tasks:
            self._tasks[work] = self._progress.add_task(work, total=steps)
        self._progress.update(self._tasks[work], completed=done)
