"""The local HubSpot: an implementation of HubSpot's CRM API and its limits for the tests, the demo and the benchmarks.

    async with HubSpot(portal) as hubspot:
        hubspot.faults.add("deals.list", rate_limited(2))
        ...  # read hubspot.url with hubspot.token
        print(hubspot.journal.calls("deals.list"))

It runs a real HTTP server on a free port of the loopback interface and knows nothing of who reads it.
"""

import time
from collections.abc import Callable
from typing import Self

from aiohttp import web

from bot.playground.local_hubspot.api.routes import application
from bot.playground.local_hubspot.faults import Faults
from bot.playground.local_hubspot.journal import Journal
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.portal.portal import Portal
from bot.playground.local_hubspot.state import HubSpotState


class HubSpot:
    """A HubSpot portal on this machine. `clock` gives seconds since 1970, for limits and for what changes without a
    time of its own.
    """

    def __init__(
        self,
        portal: Portal | None = None,
        *,
        token: str = "pat-local",  # noqa: S107  (of a server that lives for one test)
        clock: Callable[[], float] = time.time,
        limits: Limits | None = None,
    ) -> None:
        self.state = HubSpotState(portal or Portal(clock), clock, token, limits or Limits())
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free port; `url` is set from then on."""
        self._runner = web.AppRunner(application(self.state), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.state.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End hanging calls and stop listening."""
        self.state.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return self.state.url

    @property
    def token(self) -> str:
        """The credential that it takes."""
        return self.state.token

    @property
    def portal(self) -> Portal:
        """The portal's data."""
        return self.state.portal

    @property
    def faults(self) -> Faults:
        """The injected faults."""
        return self.state.faults

    @property
    def journal(self) -> Journal:
        """Every call to it."""
        return self.state.journal

    @property
    def limits(self) -> Limits:
        """What the portal allows."""
        return self.state.limits
