"""An event loop with several processes on one virtual clock; chance decides which process goes on next.

Within a process, callbacks run in the order in which they were scheduled, as always. A killed process runs nothing
more, not even what a cancelled task would still do; a frozen one goes on later where it stood.
"""

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVarTuple

WORLD = 0
_CURRENT: ContextVar[int] = ContextVar("simulated_process", default=WORLD)
_Ts = TypeVarTuple("_Ts")


def current_process() -> int:
    """The number of the process that runs now; WORLD for what is none of ours, such as Slack."""
    return _CURRENT.get()


class _Jump(selectors.SelectSelector):
    """Instead of waiting for so many seconds, let the clock jump."""

    jump: Callable[[float | None], None]

    def select(self, timeout: float | None = None) -> list[Any]:
        """See selectors: nothing ever happens but the passing of time."""
        if timeout is None or timeout > 0:
            self.jump(timeout)
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`before_step` is told of every step of a process before it runs, and may kill or freeze it. `skip_to` gives the
    moment until which nothing but polling would happen, None where something may. `failures` are errors that nobody
    caught.
    """

    def __init__(self, chance: random.Random) -> None:
        selector = _Jump()
        selector.jump = self._jump
        self._chance, self._now = chance, 0.0
        self._waiting: dict[int, deque[Callable[[], object]]] = {WORLD: deque()}
        self._frozen: set[int] = set()
        self._abandoned: list[object] = []
        self.before_step: Callable[[int], None] = lambda _: None
        self.skip_to: Callable[[], float | None] = lambda: None
        super().__init__(selector)
        self.failures: list[BaseException] = []
        self.set_exception_handler(self._failed)

    def time(self) -> float:
        """Virtual seconds since the beginning."""
        return self._now

    def start_process(self, number: int, main: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine, and everything it starts, as a process of that number."""
        self._waiting[number] = deque()
        context = copy_context()
        context.run(_CURRENT.set, number)
        self._abandoned.append(self.create_task(main, context=context))

    def kill(self, number: int) -> None:
        """Let a process run nothing more."""
        self._abandoned.append(self._waiting.pop(number))
        self._frozen.discard(number)

    def freeze(self, number: int) -> None:
        """Let a process stand still."""
        self._frozen.add(number)

    def thaw(self, number: int) -> None:
        """Let a frozen process go on."""
        self._frozen.discard(number)
        for _ in self._waiting.get(number, ()):
            super().call_soon(self._step, context=Context())

    def close(self) -> None:
        """See asyncio: what still waits is given up."""
        for task in asyncio.all_tasks(self):
            task.get_coro().close()
        super().close()

    def is_frozen(self, number: int) -> bool:
        """Whether the process stands still."""
        return number in self._frozen

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """See asyncio: the callback runs when chance picks its process."""
        context = context or copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        self._enqueue(context, lambda: None if handle.cancelled() else context.run(callback, *args))
        return handle

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See asyncio: when the time has come, the callback is one of its process's next steps."""
        context = context or copy_context()
        timer: asyncio.TimerHandle

        def step() -> None:
            if not timer.cancelled():
                context.run(callback, *args)

        timer = super().call_at(when, lambda: self._enqueue(context, step), context=Context())
        return timer

    def _enqueue(self, context: Context, step: Callable[[], object]) -> None:
        queue = self._waiting.get(context.get(_CURRENT, WORLD))
        if queue is None:  # its process was killed; kept, because what is collected cleans up
            self._abandoned.append(step)
            return
        queue.append(step)
        super().call_soon(self._step, context=Context())

    def _step(self) -> None:
        running = [number for number, steps in self._waiting.items() if steps and number not in self._frozen]
        if not running:
            return
        number = running[0] if len(running) == 1 else self._chance.choice(running)
        if number != WORLD:
            self.before_step(number)
            if number not in self._waiting or number in self._frozen:
                return
        self._waiting[number].popleft()()

    def _jump(self, timeout: float | None) -> None:
        if timeout is None:
            raise RuntimeError("every process waits, and nothing will happen")
        until = self.skip_to()
        self._now = max(self._now + timeout, until or 0.0)

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, asyncio.CancelledError):
            self.failures.append(error)
