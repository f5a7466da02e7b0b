"""What one command costs: CPU of the serving process beside that of Bolt's no-op, in the same run."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

from bench.load import measure_all
from bench.scale.database import ADMIN, user_of
from bench.scale.processes import Server
from bench.scale.table import Row

COMMANDS = (("/tier", ""), ("/gap", "platinum"), ("/expiring", ""), ("/progress", ""), ("/clients", ""))
ANEW, KEPT, ADMINS_REACH, TYPO = 2.5, 1.3, 1.0, 20.0
MANY = {"sqlite": 0.75, "postgresql": 0.5}
_ROUNDS = 5
Ask = tuple[str, str, str]  # command, text, user


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to a server over some connections at once."""

    server: Server
    asks: Callable[[Random], Ask]
    connections: int = 1

    async def cost(self, requests: int, seed: int) -> float:
        """Seconds of the server's CPU for one request."""
        random = Random(seed)
        before = self.server.cpu()
        await measure_all(self.server.port, [self.asks(random) for _ in range(requests)], self.connections)
        return (self.server.cpu() - before) / requests


def random_partner(partners: int, command: str, text: str) -> Callable[[Random], Ask]:
    """The command by a random partner's own user."""
    return lambda random: (command, text, user_of(f"P{random.randint(1, partners):05d}"))


def same_partner(command: str, text: str) -> Callable[[Random], Ask]:
    """The command by one partner's user again and again."""
    return lambda _random: (command, text, user_of("P00007"))


async def costs(loads: dict[str, Load], requests: int) -> dict[str, float]:
    """Seconds of CPU a request, the median of rounds in which the loads take turns; the first round warms up."""
    found: dict[str, list[float]] = {name: [] for name in loads}
    for round_ in range(_ROUNDS + 1):
        for name, load in loads.items():
            cost = await load.cost(requests, round_)
            if round_:
                found[name].append(cost)
    return {name: median(each) for name, each in found.items()}


async def request_rows(
    noop: Server, fresh: Server, kept: Server, partners: int, requests: int, many: float
) -> Sequence[Row]:
    """The main rows are made anew for random partners; then the kept ones, 32 at once, and the admin's."""
    loads = {f"noop {c}": Load(noop, same_partner("/tier", ""), c) for c in (1, 32)}
    for command, text in COMMANDS:
        loads[f"anew {command}"] = Load(fresh, random_partner(partners, command, text))
        loads[f"anew32 {command}"] = Load(fresh, random_partner(partners, command, text), 32)
        loads[f"kept {command}"] = Load(kept, same_partner(command, text))
        loads[f"kept32 {command}"] = Load(kept, same_partner(command, text), 32)
    loads["admin"] = Load(fresh, lambda random: ("/tier", f"P{random.randint(1, partners):05d}", ADMIN))
    loads["typo"] = Load(fresh, lambda random: ("/tier", f"Partnr {random.randint(1, partners)} Studo", ADMIN))
    return _rows(await costs(loads, requests), many)


def _rows(cost: dict[str, float], many: float) -> list[Row]:
    one, at_once = cost["noop 1"], cost["noop 32"]
    rows = [Row.ms(f"{c}, made anew for a random partner", cost[f"anew {c}"], one, f"≤ {ANEW} ×") for c, _ in COMMANDS]
    rows += [Row.ms(f"{c}, kept for the same asker", cost[f"kept {c}"], one, f"≤ {KEPT} ×") for c, _ in COMMANDS]
    for kind, said, target in (("anew32", "made anew", ""), ("kept32", "kept", f"≥ {many} ×")):
        for c, _ in COMMANDS:
            rows.append(Row.rate(f"{c}, {said}, 32 at once", 1 / cost[f"{kind} {c}"], 1 / at_once, target))
    extra = cost["admin"] - cost["anew /tier"]
    rows.append(Row.ms("an admin's /tier of a random partner", cost["admin"], one, ""))
    rows.append(Row.ms("  of that, the admin's reach", max(extra, 0.0), one, f"≤ {ADMINS_REACH:.0f} ms"))
    rows.append(Row.ms("an admin's typo", cost["typo"], one, f"≤ {TYPO:.0f} ms"))
    return rows


async def steady_memory(server: Server, partners: int, requests: int) -> Row:
    """The process's own memory after many mixed requests, beside that after the first fifth of them."""
    random, sizes = Random(1), list[int]()
    for _ in range(5):
        asks = [random_partner(partners, *random.choice(COMMANDS))(random) for _ in range(requests // 5)]
        await measure_all(server.port, asks, 8)
        await asyncio.sleep(0)
        sizes.append(server.memory())
    return Row.megabytes(f"memory after {requests:,} mixed requests", sizes[-1], sizes[0], "≤ 1.05 ×")
