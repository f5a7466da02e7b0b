"""What people see: the messages of every channel, and a stream of everything that appears or changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.playground.local_slack.copies import copied

Json = dict[str, Any]
Where = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message or view as it was shown at one moment. `user` is the only person who sees it, None for everyone in the
    channel.

    `author` is the person who wrote it, None for the bot; `files` are the ids of the files shared with it.

    For a view `text` is its title, `ts` its hash, and `view_id` is set. `replaced` means that it was updated, `deleted`
    that it disappeared; for a message, `former` is then what was there before.
    """

    text: str
    blocks: list[Json]
    channel: str = ""
    ts: str = ""
    user: str | None = None
    ephemeral: bool = False
    replaced: bool = False
    deleted: bool = False
    where: Where = "message"
    view_id: str = ""
    thread_ts: str | None = None
    metadata: Json | None = None
    trigger: str | None = None
    former: "Shown | None" = None
    author: str | None = None
    files: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)

    def require_seen_by(self, user_id: str) -> None:
        """Raises LookupError where only someone else sees it."""
        if self.user not in (None, user_id):
            raise LookupError(f"only {self.user} sees this, {user_id} does not")

    def is_caused_by(self, trigger: str, user_id: str, channel: str) -> bool:
        """Whether this appeared because of the user's action, as far as they can tell."""
        if self.trigger:
            return self.trigger == trigger
        if self.where != "message":
            return self.user == user_id
        return self.channel == channel and self.user in (None, user_id)


@dataclass(slots=True)
class Message:
    """A message as Slack stores it."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    user: str | None = None
    ephemeral: bool = False
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: bool = False
    author: str | None = None
    files: tuple[str, ...] = ()


class Screen:
    """All messages, and whoever is waiting for one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._last = clock, 0.0
        self.messages: dict[tuple[str, str], Message] = {}
        self.stream: list[Shown] = []
        self.changes = 0
        self.on_change: Callable[[], None] | None = None  # another screen's, whose watchers see this one as well
        self._changed = asyncio.Event()

    def next_ts(self) -> str:
        """A new message's timestamp: seconds with six decimals, never the same twice."""
        self._last = max(self._clock(), self._last + 0.000_01)
        return f"{self._last:.6f}"

    def post(self, message: Message, trigger: str | None = None) -> Shown:
        """Add a message."""
        self.messages[(message.channel, message.ts)] = message
        return self.show(_shown(message, trigger=trigger))

    def change(self, message: Message, text: str, blocks: list[Json], trigger: str | None = None) -> Shown:
        """Edit a message in place."""
        former = _shown(message)
        message.text, message.blocks = text, blocks
        return self.show(_shown(message, replaced=True, trigger=trigger, former=former))

    def remove(self, message: Message, trigger: str | None = None) -> Shown:
        """Delete a message."""
        self.messages.pop((message.channel, message.ts), None)
        return self.show(_shown(message, deleted=True, trigger=trigger, former=_shown(message)))

    def rewind(self) -> None:
        """Follow the clock back, so that new timestamps are earlier than the last ones."""
        self._last = self._clock()
        self.notify()

    def show(self, shown: Shown) -> Shown:
        """Add to the stream and wake whoever is waiting."""
        self.stream.append(shown)
        self.notify()
        return shown

    def in_channel(self, channel_id: str, reader: str | None = None) -> list[Shown]:
        """The channel's messages, oldest first, as this person sees them; without a reader, no ephemeral ones."""
        return [
            _shown(each)
            for each in sorted(self.messages.values(), key=lambda message: float(message.ts))
            if each.channel == channel_id and (not each.ephemeral or (reader is not None and each.user == reader))
        ]

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds` is true, checking at every change; False if it isn't within so many real seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return holds()
        return True

    def notify(self) -> None:
        """Wake whoever is waiting, because something has changed."""
        self.changes += 1
        self._changed.set()
        if self.on_change is not None:
            self.on_change()


def _shown(message: Message, **more: Any) -> Shown:
    return Shown(
        text=message.text,
        blocks=copied(message.blocks),
        channel=message.channel,
        ts=message.ts,
        user=message.user,
        ephemeral=message.ephemeral,
        thread_ts=message.thread_ts,
        metadata=message.metadata,
        author=message.author,
        files=message.files,
        **more,
    )
