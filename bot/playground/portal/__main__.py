"""Serve a HubSpot portal on this machine with a folder's facts: python -m bot.playground.portal FOLDER."""

import asyncio
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import suppress
from pathlib import Path

from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal.filling import IN_PORTAL, portal_of, rows_of

_HELP = f"""Serve a HubSpot portal on this machine with the facts of a folder, to try a sync without a portal.

FOLDER has {", ".join(IN_PORTAL[:-1])} and {IN_PORTAL[-1]},
or some of them, as tierbot demo writes them to .demo/data. Nothing is written. It prints the two
settings that tierbot sync hubspot needs, and serves until Ctrl-C.
"""
_EXAMPLE = "Example: python -m bot.playground.portal .demo/data"


async def _serve(folder: Path) -> None:
    async with HubSpot(portal_of(rows_of(folder))) as hubspot:
        print(f"export TIERBOT_HUBSPOT_URL={hubspot.url} TIERBOT_HUBSPOT_TOKEN={hubspot.token}", flush=True)
        print("Serving until Ctrl-C.", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Serve the portal until Ctrl-C; the exit status. Raises SystemExit after --help, and after wrong arguments."""
    parser = ArgumentParser(
        "python -m bot.playground.portal",
        description=_HELP,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder of tierbot's CSV files")
    folder: Path = parser.parse_args(arguments).folder
    if not (folder / "partners.csv").is_file():
        parser.error(f"{folder} has no partners.csv")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
