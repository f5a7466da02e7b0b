"""Lines from whoever sits at the terminal, or from a pipe, read beside the event loop: Ctrl-C leaves at once."""

import asyncio
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


async def next_line(prompt: str) -> str | None:
    """The next line typed, at a terminal after the prompt; None at the end of input.

    Whoever is cancelled meanwhile goes on: the thread that still waits for the line keeps no program from ending.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[str | None] = loop.create_future()

    def hand_over(line: str | None) -> None:
        if not found.done():
            found.set_result(line)

    def read() -> None:
        line = _read(prompt)
        with suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(hand_over, line)

    threading.Thread(target=read, name="prompt", daemon=True).start()
    return await found


@contextmanager
def terminal_kept() -> Iterator[None]:
    """Leave the terminal as it was found, also where a line was being typed."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    found = termios.tcgetattr(sys.stdin)
    try:
        yield
    except BaseException:
        print()  # below what was being typed
        raise
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, found)


def _read(prompt: str) -> str | None:
    if not sys.stdin.isatty():
        line = _piped()
        return line.strip() if line else None
    try:
        with suppress(ImportError):
            import readline  # noqa: F401  (arrow keys and history)
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        return None


def _piped() -> str:
    """A line of a pipe or file, read without a buffer: a thread that waits in one would keep Python from ending."""
    try:
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as raw:
            return raw.readline().decode(errors="replace")
    except io.UnsupportedOperation:  # no real file stands behind it
        return sys.stdin.readline()
