"""Delivery of the outbox: claim, tell, post, write down; and what is in doubt is looked for before it is sent again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.poster import Body, HistoryUnavailable, Poster, Rejected, RetryLater, Unconfirmed
from tiercore.notifications.types import UNVERIFIED, ClaimedMessage, Outcome, Posted, SendPolicy, State

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox


log = structlog.get_logger()
_GATHERING_SECONDS = 0.02
_MOST_DOUBTS = 8
_LOOKED_AT_ONCE = 20
_LOOK_EVERY = timedelta(seconds=1)


class NoLongerWanted(Exception):
    """Nobody is to be told any more; the message says why: unsubscribed, no leave, stale."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it is said now, and `plain`ly where Slack takes no native blocks. With `changes` it takes the place
    of its root's message. One that is `urgent` is sent again rather than held where it can't be known whether it was
    sent: `again` is what it says then.
    """

    body: Body
    plain: Body | None = None
    changes: bool = False
    urgent: bool = False
    again: Body | None = None


Compose = Callable[[ClaimedMessage], Awaitable[Draft]]


class Delivery:
    """One sender of the outbox; any number of them may work on the same one."""

    def __init__(
        self,
        outbox: "Outbox",
        poster: Poster,
        compose: Compose,
        owner: str,
        policy: SendPolicy | None = None,
        *,
        at_once: int = 100,
        on_outcome: Callable[[Outcome], object] = lambda _: None,
    ) -> None:
        self._outbox, self._poster, self._compose, self._owner = outbox, poster, compose, owner
        self._policy, self._most, self._on_outcome = policy or SendPolicy(), at_once, on_outcome
        self._in_flight: set[asyncio.Task[Outcome]] = set()
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._stopping = asyncio.Event()

    async def run(self, idle_seconds: float) -> None:
        """Deliver until `stop_claiming`; a failure of the database is waited out."""
        while not self._stopping.is_set():
            try:
                busy = await self.step()
            except Exception as error:
                log.warning("delivery_failed", error=type(error).__name__, reason=str(error)[:200])
                busy = False
            if busy:
                await asyncio.sleep(0)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), idle_seconds)

    def stop_claiming(self) -> None:
        """Claim nothing more; `run` ends, even while it idles."""
        self._stopping.set()

    async def step(self) -> bool:
        """Write down what was sent, look for what is in doubt, send more; whether there was anything to do."""
        done = [task for task in self._in_flight if task.done()]
        outcomes = [task.result() for task in done]
        limit = 0 if self._stopping.is_set() else self._most - len(self._in_flight) + len(outcomes)
        claims = await self._outbox.exchange(
            self._owner, outcomes, self._policy, limit=limit, verify=self._to_verify(limit)
        )
        self._in_flight.difference_update(done)
        for each in outcomes:
            self._on_outcome(each)
        self._in_flight |= {asyncio.ensure_future(self._sent(each)) for each in claims.to_post}
        self._in_flight |= {asyncio.ensure_future(self._looked(each)) for each in claims.to_verify}
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_GATHERING_SECONDS)
        return bool(self._in_flight or outcomes)

    def _to_verify(self, limit: int) -> int:
        """How many messages in doubt to look for: none at most steps, because it is seldom that there are any."""
        now = self._outbox.now()
        if limit <= 0 or now < self._look_at:
            return 0
        self._look_at = now + min(self._policy.settle / 4, _LOOK_EVERY)
        return _LOOKED_AT_ONCE

    async def finish(self, seconds: float) -> int:
        """Claim nothing more, wait for what is being sent, write it down; how many had to be left in doubt."""
        self.stop_claiming()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=seconds)
        outcomes = [task.result() for task in self._in_flight if task.done()]
        left = [task for task in self._in_flight if not task.done()]
        for task in left:
            task.cancel()
        await self._outbox.record(self._owner, outcomes, self._policy)
        self._in_flight.clear()
        return len(left)

    async def _sent(self, message: ClaimedMessage) -> Outcome:
        """Try once, and say what came of it; never raises."""
        try:
            if message.expires and message.expires < self._outbox.now():
                raise NoLongerWanted("too late to send")
            draft = await self._compose(message)
            if draft.changes:
                return await self._changed(message, draft)
            body = draft.again if message.unverified and draft.again else draft.body
            if self._outbox.now() >= message.leased_until:  # this process stood still: another one has it now
                raise Unconfirmed("sending was interrupted")
            return Outcome(message.outbox_id, State.SENT, await self._posted(message, body, draft.plain))
        except Unconfirmed as error:
            return self._in_doubt(message, str(error))
        except Exception as error:
            return self._not_sent(message, error)

    async def _posted(self, message: ClaimedMessage, body: Body, plain: Body | None) -> Posted:
        try:
            return await self._post(message, body)
        except Rejected as error:
            if plain is None or str(error) != "invalid_blocks":
                raise
            log.warning("native_blocks_refused", message=message.outbox_id)
            return await self._post(message, plain)

    async def _post(self, message: ClaimedMessage, body: Body) -> Posted:
        """Raises RetryLater and Never; whatever else happens on the way, Slack may have taken it."""
        try:
            return await self._poster.post(message.target, body, message.marker, message.root)
        except (RetryLater, Rejected, Unconfirmed):
            raise
        except Exception as error:
            raise Unconfirmed(f"{type(error).__name__}: {error}") from error

    async def _changed(self, message: ClaimedMessage, draft: Draft) -> Outcome:
        if message.root is None:
            raise NoLongerWanted("the message it updates was never sent")
        try:
            return Outcome(message.outbox_id, State.SENT, await self._poster.change(message.root, draft.body))
        except Unconfirmed as error:
            raise RetryLater(str(error), self._policy.settle.total_seconds() / 4) from error

    def _not_sent(self, message: ClaimedMessage, error: Exception) -> Outcome:
        """What to do with a message that certainly was not sent."""
        now = self._outbox.now()
        match error:
            case RetryLater():
                return Outcome(
                    message.outbox_id, State.PENDING, reason=str(error), retry_at=now + timedelta(seconds=error.seconds)
                )
            case Rejected():
                log.warning("message_dead", message=message.outbox_id, reason=str(error))
                return Outcome(message.outbox_id, State.DEAD, reason=str(error))
            case NoLongerWanted():
                return Outcome(message.outbox_id, State.DROPPED, reason=str(error))
        log.error("message_failed", message=message.outbox_id, error=type(error).__name__, reason=str(error)[:200])
        why = f"{type(error).__name__}: {error}"
        return Outcome(message.outbox_id, State.PENDING, reason=why, retry_at=now + self._policy.settle / 4)

    def _in_doubt(self, message: ClaimedMessage, why: str) -> Outcome:
        if message.doubts >= _MOST_DOUBTS:
            return Outcome(message.outbox_id, State.HELD, reason=f"no answer from Slack {message.doubts} times: {why}")
        return Outcome(message.outbox_id, State.UNKNOWN, reason=why)

    async def _looked(self, message: ClaimedMessage) -> Outcome:
        """Look whether a message in doubt is in Slack; if not, it is sent again. Never raises."""
        since = message.first_tried - timedelta(minutes=2)
        try:
            found = await self._poster.find(message.target, message.marker, since, message.root)
        except HistoryUnavailable as error:
            return await self._unlooked(message, str(error))
        except Rejected as error:
            return Outcome(message.outbox_id, State.DEAD, reason=str(error))
        except Exception as error:
            again = self._outbox.now() + self._policy.settle / 2
            return Outcome(message.outbox_id, State.UNKNOWN, reason=f"not looked for: {error}", retry_at=again)
        return Outcome(message.outbox_id, State.SENT if found else State.PENDING, next(iter(found), None))

    async def _unlooked(self, message: ClaimedMessage, why: str) -> Outcome:
        """Nobody may look: what is urgent is sent again and says so, anything else is held for the operator."""
        try:
            urgent = (await self._compose(message)).urgent
        except Exception as error:
            return self._not_sent(message, error)
        reason = f"{UNVERIFIED}{why}"
        return Outcome(message.outbox_id, State.PENDING if urgent else State.HELD, reason=reason)
