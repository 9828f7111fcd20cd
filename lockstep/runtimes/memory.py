"""The memory of a process that forks its workers."""

import gc


def settle_memory() -> None:
    """Leave what is loaded out of garbage collections, so that workers share its pages; free what is no longer used."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
