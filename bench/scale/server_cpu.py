"""The CPU of a PostgreSQL server: its work is part of what an import costs."""

import os
from pathlib import Path

SERVER = "BENCH_SERVER"  # the environment variable with the process ID of the server that is measured
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of_server(postmaster: int) -> float:
    """The seconds of CPU of the server's first process and of its children, also of those that have ended."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return _seconds(postmaster, ended=True) + sum(_seconds(int(child), ended=False) for child in children)


def _seconds(process: int, *, ended: bool) -> float:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:  # it has ended since: it is counted with its parent's
        return 0.0
    user, system, of_ended, system_of_ended = (int(each) for each in stat.rpartition(")")[2].split()[11:15])
    return (user + system + (of_ended + system_of_ended if ended else 0)) / _TICKS
