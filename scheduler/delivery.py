"""Deliver the outbox: claim, compose, begin, post, record. A message in doubt is looked up before it is sent again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.doubts import Doubts
from scheduler.poster import Body, Faulty, NotInstalled, PosterOf, Rejected, RetryLater, Unconfirmed
from scheduler.search import by_conversation
from tiercore.notifications.outbox_types import ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.questions.hindsight import KnownAt
from tiercore.turns import Turns, in_background, turn

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox


log = structlog.get_logger()
_BATCHING_SECONDS = 0.02
_MAX_DOUBTS = 8
_SEARCHES_AT_ONCE = 4  # more than in any one workspace
_VERIFY_EVERY = timedelta(seconds=1)


class NoLongerWanted(Exception):
    """The message shouldn't be sent any more; the error says why: unsubscribed, no permission, out of date."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed message: `body`, or `plain` where Slack refuses native blocks. With `changes` it updates its root's
    message. An `urgent` one that may or may not have been sent, with no way to tell, is sent again instead of being
    held; what is sent again says so in the body `again`. A digest tells a state of the data, `known`.
    """

    body: Body
    plain: Body | None = None
    changes: bool = False
    urgent: bool = False
    again: Body | None = None
    known: KnownAt | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is composed and may be posted once the outbox has recorded that its call begins."""

    message: ClaimedMessage
    draft: Draft


Compose = Callable[[ClaimedMessage], Awaitable[Draft]]
Result = Prepared | Sequence[Outcome]


class Delivery:
    """One sender; any number of them can share an outbox. `at_once` limits the messages in flight."""

    def __init__(
        self,
        outbox: "Outbox",
        poster_of: PosterOf,
        compose: Compose,
        owner: str,
        policy: SendPolicy | None = None,
        *,
        at_once: int = 100,
        on_outcome: Callable[[Outcome], object] = lambda _: None,
    ) -> None:
        self._outbox, self._poster_of, self._compose, self._owner = outbox, poster_of, compose, owner
        self._policy, self._at_once, self._on_outcome = policy or SendPolicy(), at_once, on_outcome
        self._doubts = Doubts(outbox, poster_of, self._is_urgent, self._policy)
        self._in_flight: dict[asyncio.Task[Result], str] = {}  # with the workspace
        self._posting: set[int] = set()
        self._searches: dict[asyncio.Task[Result], str] = {}
        self._verified_at: datetime | None = None
        self._stopping, self._turns = asyncio.Event(), Turns()

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
        """Record what was sent, begin what is composed, verify what is in doubt, claim more; whether there was anything
        to do.
        """
        done = [task for task in self._in_flight if task.done()]
        results = [task.result() for task in done]
        outcomes = [outcome for each in results if not isinstance(each, Prepared) for outcome in each]
        prepared = {each.message.outbox_id: each for each in results if isinstance(each, Prepared)}
        limit = 0 if self._stopping.is_set() else self._at_once - len(self._in_flight) + len(done) - len(prepared)
        leased_until = self._outbox.now() + self._policy.lease
        begin = {outbox_id: each.draft.known for outbox_id, each in prepared.items()}
        sending = Counter(team_id for task, team_id in self._in_flight.items() if task not in done)
        sending.update(each.message.team_id for each in prepared.values())
        claims = await self._outbox.exchange(
            self._owner,
            outcomes,
            self._policy,
            begin=begin,
            limit=limit,
            verify=self._to_verify(),
            sending=sending,
            searching=Counter(self._searches.values()),
        )
        for task in done:
            del self._in_flight[task]
        self._posting -= {each.outbox_id for each in outcomes} | (prepared.keys() - claims.begun)
        for each in outcomes:
            self._on_outcome(each)
        for outbox_id in claims.begun:
            self._start(self._send(prepared[outbox_id], leased_until), prepared[outbox_id].message.team_id)
        for message in claims.to_post:
            if message.outbox_id not in self._posting:  # else its lease ended meanwhile, and it goes on under this one
                self._posting.add(message.outbox_id)
                self._start(self._prepare(message), message.team_id)
        for group in by_conversation(claims.to_verify, lambda each: (each.team_id, each.target, each.root)):
            team_id = group[0].team_id
            self._searches[self._start(self._doubts.look_up(group), team_id)] = team_id
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_BATCHING_SECONDS)
        return bool(self._in_flight or outcomes)

    def _start(self, work: Awaitable[Result], team_id: str) -> asyncio.Task[Result]:
        with in_background(self._turns):  # a hundred that go on in one pass would hold the event loop for a second
            task: asyncio.Task[Result] = asyncio.ensure_future(work)
        self._in_flight[task] = team_id
        return task

    def _to_verify(self) -> int:
        """In how many conversations to look for messages in doubt: none in most steps, because doubts are rare."""
        self._searches = {task: team_id for task, team_id in self._searches.items() if not task.done()}
        now, pause = self._outbox.now(), min(self._policy.settle / 4, _VERIFY_EVERY)
        last = self._verified_at
        if self._stopping.is_set() or (last is not None and last <= now < last + pause):
            return 0
        self._verified_at = now
        return _SEARCHES_AT_ONCE - len(self._searches)

    async def finish(self, seconds: float) -> int:
        """Stop claiming, send what is claimed and record it; how many messages are left in doubt."""
        self.stop_claiming()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._in_flight and seconds > 0:
                    await self.step()
        outcomes, left = list[Outcome](), 0
        for task in self._in_flight:
            if not task.done():
                task.cancel()
                left += 1
            elif isinstance(result := task.result(), Prepared):
                outcomes.append(Outcome(result.message.outbox_id, State.PENDING))
            else:
                outcomes += result
        await self._outbox.record(self._owner, outcomes, self._policy)
        self._in_flight.clear()
        return left

    async def _prepare(self, message: ClaimedMessage) -> Result:
        """The composed message, or the outcome of one that isn't to be posted. Never raises."""
        try:
            await turn()
            if message.expires and message.expires < self._outbox.now():
                raise NoLongerWanted("too late to send")
            draft = await self._compose(message)
            if draft.changes:
                return [await self._change_root(message, draft)]
            if message.root is None:
                poster = await self._poster_of(message.team_id)
                await turn()
                await poster.open(message.target)
            return Prepared(message, draft)
        except Exception as error:
            return [self._not_sent(message, error)]

    async def _send(self, prepared: Prepared, leased_until: datetime) -> Result:
        """Post once; the outcome. Never raises."""
        message, draft = replace(prepared.message, leased_until=leased_until), prepared.draft
        try:
            await turn()
            body = draft.again if message.unverified and draft.again else draft.body
            return [Outcome(message.outbox_id, State.SENT, await self._post_or_plain(message, body, draft.plain))]
        except Unconfirmed as error:
            return [self._in_doubt(message, str(error))]
        except Exception as error:
            return [self._not_sent(message, error)]

    async def _post_or_plain(self, message: ClaimedMessage, body: Body, plain: Body | None) -> Posted:
        try:
            return await self._post(message, body)
        except Rejected as error:
            if plain is None or str(error) != "invalid_blocks":
                raise
            log.warning("native_blocks_refused", message=message.outbox_id)
            return await self._post(message, plain)

    async def _post(self, message: ClaimedMessage, body: Body) -> Posted:
        """Raises RetryLater, Rejected and Faulty, and what `poster_of` does; any other failure is Unconfirmed, because
        Slack may have taken it.
        """
        poster = await self._poster_of(message.team_id)
        if self._outbox.now() >= message.leased_until:  # this process stood still: another one has it now
            raise Unconfirmed("sending was interrupted")
        try:
            return await poster.post(message.target, body, message.marker, message.root)
        except (RetryLater, Rejected, Faulty, Unconfirmed):
            raise
        except Exception as error:
            raise Unconfirmed(f"{type(error).__name__}: {error}") from error

    async def _change_root(self, message: ClaimedMessage, draft: Draft) -> Outcome:
        if message.root is None:
            raise NoLongerWanted("the message it updates was never sent")
        try:
            poster = await self._poster_of(message.team_id)
            return Outcome(message.outbox_id, State.SENT, await poster.change(message.root, draft.body))
        except Unconfirmed as error:
            raise RetryLater(str(error), self._policy.settle.total_seconds() / 4) from error

    async def _is_urgent(self, message: ClaimedMessage) -> bool | Outcome:
        """Whether a message in doubt is urgent; the outcome of one that can't be composed."""
        try:
            await turn()
            return (await self._compose(message)).urgent
        except Exception as error:
            return self._not_sent(message, error)

    def _not_sent(self, message: ClaimedMessage, error: Exception) -> Outcome:
        """The outcome of a message that certainly wasn't sent."""
        now, why = self._outbox.now(), str(error)
        match error:
            case RetryLater():
                retry_at = now + timedelta(seconds=error.seconds)
                return Outcome(message.outbox_id, State.PENDING, reason=why, retry_at=retry_at)
            case Faulty():
                log.warning("message_held", message=message.outbox_id, reason=why)
                return Outcome(message.outbox_id, State.HELD, reason=why, fault=error.fault)
            case Rejected():
                log.warning("message_dead", message=message.outbox_id, reason=why)
                return Outcome(message.outbox_id, State.DEAD, reason=why)
            case NoLongerWanted() | NotInstalled():
                return Outcome(message.outbox_id, State.DROPPED, reason=why)
        log.error("message_failed", message=message.outbox_id, error=type(error).__name__, reason=why[:200])
        why = f"{type(error).__name__}: {error}"
        return Outcome(message.outbox_id, State.PENDING, reason=why, retry_at=now + self._policy.settle / 4)

    def _in_doubt(self, message: ClaimedMessage, why: str) -> Outcome:
        if message.doubts >= _MAX_DOUBTS:
            return Outcome(message.outbox_id, State.HELD, reason=f"no answer from Slack {message.doubts} times: {why}")
        return Outcome(message.outbox_id, State.UNKNOWN, reason=why)
