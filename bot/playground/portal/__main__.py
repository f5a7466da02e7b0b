"""Serve a HubSpot portal on this machine with a folder's facts: python -m bot.playground.portal FOLDER."""

import argparse
import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal.filling import portal_of, rows_of

_DESCRIPTION = (
    "Serve a HubSpot portal on this machine whose records are a folder's facts, until Ctrl-C. Nothing is written. "
    "It prints the address and the token with which tierbot reads it."
)


async def _serve(folder: Path) -> None:
    async with HubSpot(portal_of(rows_of(folder))) as hubspot:
        print(f"export TIERBOT_HUBSPOT_URL={hubspot.url} TIERBOT_HUBSPOT_TOKEN={hubspot.token}", flush=True)
        print("Serving until Ctrl-C.", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Serve the portal until Ctrl-C; the exit status. Exits with 2 after wrong arguments, with 0 after --help."""
    parser = argparse.ArgumentParser("python -m bot.playground.portal", description=_DESCRIPTION)
    parser.add_argument("folder", type=Path, help="a folder with partners.csv, clients.csv, sales.csv …")
    folder = parser.parse_args(arguments).folder
    if not (folder / "partners.csv").is_file():
        parser.error(f"{folder} has no partners.csv")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
