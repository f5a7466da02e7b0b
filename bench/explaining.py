"""How often the true cause of a figure that doesn't match is among the three that are shown, and how long it takes.

    python -m bench.explaining --ledgers 1000 --seed 1

Each ledger has one planted error of a random kind (tests/support/planted.py); the dashboard's figure is rated from the
ledger with the error by the rating itself.
"""

import argparse
import time
from collections import Counter

from tests.support.planted import ME, PLANTED_KINDS, planted
from tiercore.explaining.claims import Kind
from tiercore.explaining.explaining import explain
from tiercore.program import load_program


def measure(ledgers: int, seed: int) -> None:
    """Print per kind how many of the errors were found."""
    program, tried, found, first = load_program(), Counter[Kind](), Counter[Kind](), Counter[Kind]()
    seconds, longest = 0.0, 0.0
    for number in range(ledgers):
        case = planted(seed * 1_000_003 + number, program)
        credits, began = case.ours.credits(program), time.perf_counter()
        explained = explain(ME, case.ours.books.values(), credits, program, case.claim)
        took = time.perf_counter() - began
        seconds, longest = seconds + took, max(longest, took)
        tried[case.kind] += 1
        found[case.kind] += case.is_among(explained)
        first[case.kind] += case.is_first_reading(explained)
    for kind in PLANTED_KINDS:
        print(f"{kind:26}{found[kind]:5} of {tried[kind]:4}, {first[kind]:4} as the first reading")
    share, of_first = found.total() / ledgers, first.total() / ledgers
    print(f"seed {seed}: {found.total()} of {ledgers} found ({share:.1%}), {of_first:.1%} as the first reading")
    print(f"{1000 * seconds / ledgers:.1f} ms each, {1000 * longest:.0f} ms the longest")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ledgers", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    measure(given.ledgers, given.seed)
