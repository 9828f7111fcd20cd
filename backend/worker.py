"""gunicorn's threaded worker, with connections spread evenly over the workers."""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

PAUSE_S = 5e-5
MOST_PAUSES = 20


class EvenWorker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no types
    """Wait a little before a new connection, the longer the more this worker has.

    A connection is kept by the worker that accepts it, and all are woken for each: without the wait, one
    in three sets of 16 connections landed on one of two workers with one or none for the other. At most 1 ms.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, if no emptier worker did so first."""
        time.sleep(min(self.nr_conns, MOST_PAUSES) * PAUSE_S)
        super().accept(listener)
