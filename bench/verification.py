"""The row "verify": recounting every stored figure, against reading the same rows and doing nothing with them."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from tiercore.program import load_program
from tiercore.storage.engine import snapshot
from tiercore.verification.verify import verify

_ROUNDS = 3
_READ = ("sale", "subscription_level", "agreement", "tool_usage", "credit", "timeline", "retention")


def verification(engine: Engine) -> tuple[float, float]:
    """Seconds for the recount and for reading alone, as medians of alternating rounds.

    Raises RuntimeError where a figure differs.
    """
    program = load_program()

    def recount() -> None:
        with snapshot(engine) as connection:
            if found := verify(connection, program).differences.named:
                raise RuntimeError(str(found[0]))

    def read() -> None:
        with snapshot(engine) as connection:
            for table in _READ:
                for _ in connection.execute(text(f"SELECT * FROM {table}")):
                    pass

    rounds = [(_seconds(recount), _seconds(read)) for _ in range(_ROUNDS + 1)][1:]
    recounts, reads = (sorted(each) for each in zip(*rounds, strict=True))
    return recounts[_ROUNDS // 2], reads[_ROUNDS // 2]


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
