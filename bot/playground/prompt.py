"""Read lines from a terminal or a pipe without blocking the event loop; Ctrl-C ends the program immediately."""

import asyncio
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


async def next_line(prompt: str) -> str | None:
    """The next line; at a terminal, after showing the prompt. None at the end of input.

    It can be cancelled: the thread that is still waiting for a line doesn't keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[str | None] = loop.create_future()

    def hand_over(line: str | None) -> None:
        if not result.done():
            result.set_result(line)

    def read() -> None:
        line = _read(prompt)
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(hand_over, line)

    threading.Thread(target=read, name="prompt", daemon=True).start()
    return await result


@contextmanager
def terminal_restored() -> Iterator[None]:
    """Restore the terminal's settings at the end, even while a line is being typed."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    settings = termios.tcgetattr(sys.stdin)
    try:
        yield
    except BaseException:
        print()  # start a new line below the prompt
        raise
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, settings)


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
    """A line from a pipe or file, read unbuffered: a thread in a buffered read would keep Python from exiting."""
    try:
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as raw:
            return raw.readline().decode(errors="replace")
    except io.UnsupportedOperation:  # stdin isn't a real file
        return sys.stdin.readline()
