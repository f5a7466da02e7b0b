"""Write the files of a program of a size: python -m bench.scale.generate FOLDER [--rows N] [--seed S]."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from random import Random

from bench.scale.clients import ClientWriter
from bench.scale.files import ProgramFiles
from bench.scale.partners import partners, write_admin, write_deals, write_partner
from bot.playground.sample.thresholds import sample_table


def generate(folder: Path, sales: int, seed: int = 2022) -> Mapping[str, int]:
    """Write the ten files and program.toml into the folder; the rows of each file. The same seed gives the same bytes.

    Memory doesn't grow with the number of sales. 100,000 sales have 1,000 partners; a million or more have 10,000.
    """
    random = Random(f"{seed}:{sales}")
    with ProgramFiles(folder) as files:
        write_admin(files)
        clients = ClientWriter(files, random)
        for partner in partners(sales, random):
            write_partner(files, partner, random)
            write_deals(files, partner, clients.write(partner), random)
    (folder / "program.toml").write_text(sample_table(), encoding="utf-8", newline="\n")
    return files.counts


def main() -> None:
    """Write the files that the arguments ask for, and print how many rows they have."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale.generate")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000, help="sales")
    parser.add_argument("--seed", type=int, default=2022)
    options = parser.parse_args()
    counts = generate(options.folder, options.rows, options.seed)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    main()
