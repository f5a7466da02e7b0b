"""Where batches are rated: in this process, in several of this machine, or on a cluster (architecture#rebuilds)."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")
_AHEAD = 2  # batches for each worker that are read before they are needed


@dataclass(slots=True)
class Workers:
    """Runs a pure function over batches; without an `executor`, in this process.

    `count` is how many batches the executor rates at a time. A batch that it doesn't rate, because a worker was killed,
    is rated here. Workers that `can_read` reach the database as this process does.
    """

    executor: Executor | None = None
    count: int = 1
    can_read: bool = False

    def each(
        self, function: Callable[[bytes, Batch], Result], program: bytes, batches: Iterable[Batch]
    ) -> Iterator[Result]:
        """The results in the order of the batches, of which only a few exist at a time. A single one is rated here."""
        coming = iter(batches)
        first = list(islice(coming, 2))
        if len(first) == 1:
            yield function(program, first[0])
            return
        waiting: deque[tuple[Batch, Future[Result] | None]] = deque()
        for batch in chain(first, coming):
            waiting.append((batch, self._submit(function, program, batch)))
            if len(waiting) > self.count * _AHEAD or self.executor is None:
                yield self._result(function, program, *waiting.popleft())
        while waiting:
            yield self._result(function, program, *waiting.popleft())

    def _submit(
        self, function: Callable[[bytes, Batch], Result], program: bytes, batch: Batch
    ) -> "Future[Result] | None":
        if self.executor is None:
            return None
        try:
            return self.executor.submit(function, program, batch)
        except RuntimeError:  # BrokenExecutor is one, and so is what an executor raises that has been shut down
            self.executor = None
            return None

    def _result(
        self,
        function: Callable[[bytes, Batch], Result],
        program: bytes,
        batch: Batch,
        future: "Future[Result] | None",
    ) -> Result:
        if future is not None:
            with suppress(Exception):  # whatever it is, rating here either gives the result or raises it again
                return future.result()
        return function(program, batch)


HERE = Workers()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(count: int) -> Iterator[Workers]:
    """Workers in so many processes of this machine; with one, this process works itself.

    They start when the first batch comes, as new interpreters: this process may have threads.
    """
    if count <= 1:
        yield Workers()
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield Workers(executor, count, can_read=True)
