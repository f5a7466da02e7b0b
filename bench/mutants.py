"""Mutation testing of the core's arithmetic (`make mutants`): it is changed a little at a time, and a test must notice.

mutmut makes and runs the mutants; here they are chosen, bounded in time, and counted by module.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

MUTMUT = (sys.executable, "-m", "mutmut")
NOTICED = frozenset({"killed", "timeout", "segfault"})  # a mutant that never ends, or ends Python, is noticed, too
NOT_TRIED = frozenset({"not checked", "check was interrupted by user"})

Found = dict[str, dict[str, str]]


def main() -> int:
    """Run mutants for as long as is allowed, then print the score of each module and what survived; 1 if any did."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as tiercore.rating.sold; all of them where none is named")
    parser.add_argument("--minutes", type=float, default=30, help="stop after so long; the next run goes on from there")
    parser.add_argument("--at-once", type=int, default=2, help="mutants that are tried at the same time")
    asked = parser.parse_args()
    run([f"{module}.*" for module in asked.modules], asked.minutes, asked.at_once)
    said = subprocess.run([*MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True)
    found = by_module(said.stdout.splitlines(), asked.modules)
    return report(found, Console(highlight=False))


def run(patterns: list[str], minutes: float, at_once: int) -> None:
    """Have mutmut try the mutants that match; after so many minutes it is interrupted and keeps what it knows."""
    command = [*MUTMUT, "run", "--max-children", str(at_once), *patterns]
    with subprocess.Popen(command, start_new_session=True) as running:
        try:
            running.wait(minutes * 60)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            os.killpg(running.pid, signal.SIGINT)


def by_module(lines: Iterable[str], modules: Iterable[str]) -> Found:
    """Each mutant's outcome, by module: of those modules, or of all. A line is "tiercore.a.x_f__mutmut_1: killed"."""
    wanted, found = set(modules), defaultdict[str, dict[str, str]](dict)
    for line in lines:
        mutant, _, outcome = line.strip().partition(": ")
        module = mutant.rpartition(".")[0]
        if module and (module in wanted or not wanted):
            found[module][mutant] = outcome
    return dict(found)


def report(found: Found, out: Console) -> int:
    """Print each module of which a mutant was tried, then the survivors; 1 if there are any, or none was tried."""
    table, survivors = Table("module", "mutants", "noticed", "survived", "not tried", "score"), list[str]()
    for module, outcomes in sorted(found.items()):
        tried = {mutant: outcome for mutant, outcome in outcomes.items() if outcome not in NOT_TRIED}
        lost = [mutant for mutant, outcome in tried.items() if outcome not in NOTICED]
        if tried:
            noticed, left = len(tried) - len(lost), len(outcomes) - len(tried)
            score = f"{noticed / len(tried):.1%}"
            table.add_row(module, *map(str, (len(outcomes), noticed, len(lost), left)), score)
        survivors += [f"{mutant}: {tried[mutant]}" for mutant in lost]
    out.print(table if table.row_count else "No mutant was tried.")
    for each in survivors:
        out.print(each)
    if survivors:
        out.print("mutmut show NAME shows what was changed.")
    return int(bool(survivors) or not table.row_count)


if __name__ == "__main__":
    sys.exit(main())
