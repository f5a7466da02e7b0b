"""`make simulation`: run seeds and print what the judge found; one seed alone prints its whole trace."""

import argparse
import logging
import sys
import time

import structlog
from rich.console import Console

from bench.simulation.run import Run, simulate
from bench.simulation.scenario import scenario_of
from bench.simulation.storage import empty_database


def main() -> None:
    """Run the seeds; exit status 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="make simulation")
    parser.add_argument("seed", type=int, nargs="?", help="replay this seed and print its trace")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many seeds to run, from 0 on")
    options, out = parser.parse_args(), Console(highlight=False, soft_wrap=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if options.seed is not None:
        run = Run(scenario_of(options.seed), empty_database())
        verdict = run.judged()
        out.print("\n".join([str(run.scenario), *run.world.trace, str(verdict)]), markup=False)
        sys.exit(bool(verdict.wrong))
    started = time.monotonic()
    found = simulate(range(options.seeds))
    for verdict in found.wrong:
        out.print(str(verdict), markup=False)
    out.print(f"{found}; {time.monotonic() - started:.1f} s", markup=False)
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
