"""Deliver the outbox: claim, compose, post, record. A message in doubt is looked up before it is sent again."""

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
_BATCHING_SECONDS = 0.02
_MAX_DOUBTS = 8
_VERIFIED_AT_ONCE = 20
_VERIFY_EVERY = timedelta(seconds=1)


class NoLongerWanted(Exception):
    """The message shouldn't be sent any more; the error says why: unsubscribed, no permission, out of date."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed message: `body`, or `plain` where Slack refuses native blocks. With `changes` it updates its root's
    message. An `urgent` one that may or may not have been sent, with no way to tell, is sent again as `again` instead
    of being held.
    """

    body: Body
    plain: Body | None = None
    changes: bool = False
    urgent: bool = False
    again: Body | None = None


Compose = Callable[[ClaimedMessage], Awaitable[Draft]]


class Delivery:
    """One sender; any number of them can share an outbox. `at_once` limits the messages in flight."""

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
        self._policy, self._at_once, self._on_outcome = policy or SendPolicy(), at_once, on_outcome
        self._in_flight: set[asyncio.Task[Outcome]] = set()
        self._verify_at = datetime.min.replace(tzinfo=UTC)
        self._stopping = asyncio.Event()

    async def run(self, idle_seconds: float) -> None:
        """Deliver until stop_claiming() is called, pausing `idle_seconds` when there is nothing to do; a failure is
        logged and retried.
        """
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
        """Record what was sent, verify what is in doubt, send more; whether there was anything to do."""
        done = [task for task in self._in_flight if task.done()]
        outcomes = [task.result() for task in done]
        limit = 0 if self._stopping.is_set() else self._at_once - len(self._in_flight) + len(outcomes)
        claims = await self._outbox.exchange(
            self._owner, outcomes, self._policy, limit=limit, verify=self._to_verify(limit)
        )
        self._in_flight.difference_update(done)
        for each in outcomes:
            self._on_outcome(each)
        self._in_flight |= {asyncio.ensure_future(self._send(each)) for each in claims.to_post}
        self._in_flight |= {asyncio.ensure_future(self._verify(each)) for each in claims.to_verify}
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_BATCHING_SECONDS)
        return bool(self._in_flight or outcomes)

    def _to_verify(self, limit: int) -> int:
        """How many messages in doubt to claim: none in most steps, because doubts are rare."""
        now = self._outbox.now()
        if limit <= 0 or now < self._verify_at:
            return 0
        self._verify_at = now + min(self._policy.settle / 4, _VERIFY_EVERY)
        return _VERIFIED_AT_ONCE

    async def finish(self, seconds: float) -> int:
        """Stop claiming, wait for what is being sent and record it; how many messages are left in doubt."""
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

    async def _send(self, message: ClaimedMessage) -> Outcome:
        """Try once; the outcome. Never raises."""
        try:
            if message.expires and message.expires < self._outbox.now():
                raise NoLongerWanted("too late to send")
            draft = await self._compose(message)
            if draft.changes:
                return await self._change_root(message, draft)
            body = draft.again if message.unverified and draft.again else draft.body
            if self._outbox.now() >= message.leased_until:  # this process stood still: another one has it now
                raise Unconfirmed("sending was interrupted")
            return Outcome(message.outbox_id, State.SENT, await self._post_or_plain(message, body, draft.plain))
        except Unconfirmed as error:
            return self._in_doubt(message, str(error))
        except Exception as error:
            return self._not_sent(message, error)

    async def _post_or_plain(self, message: ClaimedMessage, body: Body, plain: Body | None) -> Posted:
        try:
            return await self._post(message, body)
        except Rejected as error:
            if plain is None or str(error) != "invalid_blocks":
                raise
            log.warning("native_blocks_refused", message=message.outbox_id)
            return await self._post(message, plain)

    async def _post(self, message: ClaimedMessage, body: Body) -> Posted:
        """Raises RetryLater and Rejected; any other failure is Unconfirmed, because Slack may have taken it."""
        try:
            return await self._poster.post(message.target, body, message.marker, message.root)
        except (RetryLater, Rejected, Unconfirmed):
            raise
        except Exception as error:
            raise Unconfirmed(f"{type(error).__name__}: {error}") from error

    async def _change_root(self, message: ClaimedMessage, draft: Draft) -> Outcome:
        if message.root is None:
            raise NoLongerWanted("the message it updates was never sent")
        try:
            return Outcome(message.outbox_id, State.SENT, await self._poster.change(message.root, draft.body))
        except Unconfirmed as error:
            raise RetryLater(str(error), self._policy.settle.total_seconds() / 4) from error

    def _not_sent(self, message: ClaimedMessage, error: Exception) -> Outcome:
        """The outcome of a message that certainly wasn't sent."""
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
        if message.doubts >= _MAX_DOUBTS:
            return Outcome(message.outbox_id, State.HELD, reason=f"no answer from Slack {message.doubts} times: {why}")
        return Outcome(message.outbox_id, State.UNKNOWN, reason=why)

    async def _verify(self, message: ClaimedMessage) -> Outcome:
        """Look a message in doubt up in Slack; if it isn't there, it is pending again. Never raises."""
        since = message.first_tried - timedelta(minutes=2)
        try:
            found = await self._poster.find(message.target, message.marker, since, message.root)
        except HistoryUnavailable as error:
            return await self._unverifiable(message, str(error))
        except Rejected as error:
            return Outcome(message.outbox_id, State.DEAD, reason=str(error))
        except Exception as error:
            retry_after = timedelta(seconds=error.seconds) if isinstance(error, RetryLater) else timedelta()
            again = self._outbox.now() + max(retry_after, self._policy.settle / 2)
            return Outcome(message.outbox_id, State.UNKNOWN, reason=f"not looked for: {error}", retry_at=again)
        return Outcome(message.outbox_id, State.SENT if found else State.PENDING, next(iter(found), None))

    async def _unverifiable(self, message: ClaimedMessage, why: str) -> Outcome:
        """Where the history can't be read: an urgent message is sent again and says so, any other one is held."""
        try:
            urgent = (await self._compose(message)).urgent
        except Exception as error:
            return self._not_sent(message, error)
        reason = f"{UNVERIFIED}{why}"
        return Outcome(message.outbox_id, State.PENDING if urgent else State.HELD, reason=reason)
