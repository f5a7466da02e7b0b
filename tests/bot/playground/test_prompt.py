"""Reading lines without blocking the event loop: from a terminal and from a pipe."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator

import pytest

PATIENCE = 60
pytestmark = pytest.mark.slow
READER = """
import asyncio
from contextlib import suppress
from bot.playground.prompt import next_line, terminal_restored

async def main():
    with terminal_restored():
        print("ready", flush=True)
        while (line := await next_line("> ")) is not None:
            print(f"<{line}>", flush=True)
    print("end", flush=True)

with suppress(KeyboardInterrupt):
    asyncio.run(main())
"""


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def read_until(ours: int, word: bytes) -> bytes:
    """The output of the terminal or pipe up to the word. Fails after PATIENCE seconds without it."""
    output, ends = b"", time.monotonic() + PATIENCE
    while word not in output:
        ready, _, _ = select.select([ours], [], [], max(0, ends - time.monotonic()))
        assert ready, f"{word!r} was not shown: {output!r}"
        read = os.read(ours, 4096)
        assert read, f"it ended without {word!r}: {output!r}"
        output += read
    return output


def at_terminal(theirs: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", READER], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )


def test_a_line_can_be_typed_after_the_prompt(terminal: tuple[int, int]):
    ours, theirs = terminal
    process = at_terminal(theirs)
    read_until(ours, b"> ")
    os.write(ours, b"/tier\n")
    shown = read_until(ours, b"</tier>")
    if b"> " not in shown.partition(b"</tier>")[2]:
        read_until(ours, b"> ")
    os.write(ours, b"\x04")
    assert read_until(ours, b"end")
    assert process.wait(PATIENCE) == 0


def test_ctrl_c_exits_immediately_and_restores_the_terminal(terminal: tuple[int, int]):
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    process = at_terminal(theirs)
    read_until(ours, b"> ")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert termios.tcgetattr(theirs) == before


def test_a_pipe_is_read_line_by_line_to_its_end():
    done = subprocess.run(
        [sys.executable, "-c", READER],
        input="one\n two \n",
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout.split("\n") == ["ready", "<one>", "<two>", "end", ""]


def test_an_open_pipe_does_not_prevent_exiting():
    with subprocess.Popen(
        [sys.executable, "-c", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"one\n")
        process.stdin.flush()
        assert read_until(process.stdout.fileno(), b"<one>\n") == b"ready\n<one>\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr
        assert process.stderr.read() == b""
