"""One thread for what scikit-learn computes: sums that threads share change their order, and pools do not fork.

A gunicorn master predicts before it forks. A pool of threads would be missing in its workers, which would wait for it.
"""

from contextlib import AbstractContextManager
from typing import Any

ONE = 1


class SingleThread:
    """The limits of the thread pools that scikit-learn's libraries use.

    That of BLAS belongs to the process: it is set here, and stays. That of OpenMP belongs to each thread that predicts.
    """

    def __init__(self) -> None:
        from threadpoolctl import ThreadpoolController  # comes with scikit-learn, which a service may do without

        controller = ThreadpoolController()
        self._openmp = controller.select(user_api="openmp")
        controller.select(user_api="blas").limit(limits=ONE)

    def limit(self) -> AbstractContextManager[Any]:
        """Return a context in which OpenMP uses one thread."""
        return self._openmp.limit(limits=ONE)
