"""Work in a child process, with its CPU and its peak memory: python -m bench.scale.work WHAT ARGUMENTS prints JSON."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.scale.market import AS_OF
from bench.scale.server_cpu import SERVER, cpu_of_server

RATING = ("rating clients", "timelines")  # as the progress of an import and of a rebuild calls them


@dataclass(slots=True)
class Worked:
    """Seconds of CPU and of the clock, the peak of resident bytes, and the CPU of each stage."""

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def without_rating(self) -> float:
        """The CPU of all but rating and the timelines."""
        return self.cpu - sum(self.stages.get(stage, 0.0) for stage in (*RATING, "linking"))


class Stages:
    """The CPU between two stages of progress, as they are reported."""

    def __init__(self) -> None:
        self._stage, self._since = "start", _cpu()
        self.spent: dict[str, float] = {}

    def __call__(self, stage: str, _done: int, _total: int) -> None:
        if stage != self._stage:
            self.end(stage)

    def end(self, following: str = "") -> None:
        """End the stage; another one follows."""
        now = _cpu()
        self.spent[self._stage] = self.spent.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = following, now


def _cpu() -> float:
    """The CPU of this process, of its children that have ended, and of the database's server."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    own = sum(each.ru_utime + each.ru_stime for each in both)
    server = os.environ.get(SERVER)
    return own + cpu_of_server(int(server)) if server else own


def import_folder(stages: Stages, url: str, folder: str, link: str) -> None:
    """Import a folder, and with "link" link its users; the tables are made first."""
    from bench.scale.database import link_users
    from tiercore.ingest.importing import import_folder as import_
    from tiercore.program import load_program
    from tiercore.storage.engine import create_database_engine, database_url
    from tiercore.storage.schema import upgrade

    engine, path = create_database_engine(database_url(url)), Path(folder)
    upgrade(engine)
    program = load_program(path / "program.toml")
    imported = import_(engine, program, path, today=AS_OF, progress=stages)
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    stages.end("linking")
    if link == "link":
        link_users(engine, path)
    engine.dispose()


def rebuild(stages: Stages, url: str, program: str) -> None:
    """Rate everything again."""
    from tiercore.ingest.rebuilding import rebuild_everything
    from tiercore.program import load_program
    from tiercore.storage.engine import create_database_engine, database_url

    engine = create_database_engine(database_url(url))
    at = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)
    rebuild_everything(engine, load_program(Path(program)), today=AS_OF, at=at, progress=stages)


def floor(stages: Stages, what: str, *arguments: str) -> None:
    """One of the floors: what the same would cost without the product."""
    from bench.scale import floors

    getattr(floors, what)(stages, *arguments)


_WORK: dict[str, Callable[..., None]] = {"import": import_folder, "rebuild": rebuild, "floor": floor}


def main(what: str, *arguments: str) -> None:
    """Do the work and print what it took."""
    stages, cpu, clock = Stages(), _cpu(), time.perf_counter()
    _WORK[what](stages, *arguments)
    stages.end()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps(asdict(Worked(_cpu() - cpu, time.perf_counter() - clock, peak << 10, stages.spent))))


if __name__ == "__main__":
    main(*sys.argv[1:])
