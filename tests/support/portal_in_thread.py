"""A local HubSpot for commands, which run an event loop of their own."""

import asyncio
import threading

from bot.playground.local_hubspot.server import HubSpot


class InThread:
    """Serves a local HubSpot in a thread, between `with`."""

    def __init__(self, hubspot: HubSpot) -> None:
        self.hubspot = hubspot
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        self._loop.run_until_complete(self.hubspot.start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self.hubspot.stop())

    def __enter__(self) -> HubSpot:
        self._thread.start()
        assert self._ready.wait(30)
        return self.hubspot

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
