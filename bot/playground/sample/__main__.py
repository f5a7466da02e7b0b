"""Write the sample data: python -m bot.playground.sample FOLDER [SEED]."""

import sys
from pathlib import Path

from bot.playground.sample.files import write_sample

_USAGE = "usage: python -m bot.playground.sample FOLDER [SEED]"


def main(arguments: list[str]) -> int:
    """Write the sample into the folder; the exit status, which is 2 after wrong arguments."""
    match arguments:
        case [folder]:
            sample = write_sample(Path(folder))
        case [folder, seed] if seed.isdecimal():
            sample = write_sample(Path(folder), int(seed))
        case _:
            print(_USAGE, file=sys.stderr)
            return 2
    print(f"{folder}: {len(sample.partners)} partners, {len(sample.clients)} clients, {len(sample.sales)} sales")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
