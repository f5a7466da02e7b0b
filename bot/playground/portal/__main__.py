"""Serve a HubSpot portal on this machine with a folder's facts: python -m bot.playground.portal FOLDER."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal.filling import portal_of, rows_of

_USAGE = "usage: python -m bot.playground.portal FOLDER, which has partners.csv, clients.csv, sales.csv …"


async def _serve(folder: Path) -> None:
    async with HubSpot(portal_of(rows_of(folder))) as hubspot:
        print(f"export TIERBOT_HUBSPOT_URL={hubspot.url} TIERBOT_HUBSPOT_TOKEN={hubspot.token}", flush=True)
        print("Serving until Ctrl-C.", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Serve the portal until Ctrl-C; the exit status, which is 2 after wrong arguments."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "partners.csv").is_file():
        print(_USAGE, file=sys.stderr)
        return 2
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(Path(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
