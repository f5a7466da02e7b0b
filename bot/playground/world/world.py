"""The demo's world: a local Slack with its people, the real bot, and a clock that can be moved."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.many_workspaces import ManyWorkspaces
from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.server import Slack
from bot.playground.world.clock import Clock
from bot.playground.world.partner_workspace import PartnerWorkspace
from bot.playground.world.people import Account, is_newcomer, link_accounts, load_accounts
from bot.playground.world.snapshots import Snapshots
from bot.serving import Bot
from bot.wiring import Core, create_services
from bot.workspaces import OneWorkspace
from handlers.commands.help import wants_help
from handlers.typed_command import QUESTIONS
from tiercore.ingest.importing import Imported, import_folder
from tiercore.suggestions import did_you_mean

BUSY = "one thing at a time: the clock is already moving, or files are being imported"
_RATE_LIMIT_PAUSE = timedelta(seconds=5)
_MAX_POLLS, _POLL_SECONDS, _SKIP_SECONDS = 400, 0.05, 0.2
_ROLL_OVER_SECONDS = 20.0
_HELP = "Type /tier help to see everything you can ask, or help after any command, like /gap help."
LoadDay = Callable[[date], None]
Json = dict[str, Any]


def command_error(line: str) -> str | None:
    """Why Slack wouldn't send this line to tierbot, and what to type instead; None for a command."""
    word = line.partition(" ")[0]
    commands = [each.command for each in QUESTIONS.values()]
    if word in commands:
        return None
    if wants_help(word.removeprefix("/")):
        return f"{word} isn't a tierbot command; in Slack, an app answers only its own. {_HELP}"
    if not word.startswith("/"):
        return "Type a command, such as /tier."
    meant = did_you_mean(word, commands)
    hint = f" {meant.strip()}" if meant else ""
    return f"{word[:40]} isn't a tierbot command.{hint} Commands: {', '.join(commands)}."


class World:
    """The demo's people, its day, and what happens as time passes. `load_day` brings the data to another day."""

    def __init__(
        self, slack: Slack, core: Core, people: list[Account], day: date, load_day: LoadDay | None, clock: Clock
    ) -> None:
        self.slack, self.core, self.day, self._load_day, self.clock = slack, core, day, load_day, clock
        self.slacks, self.people = [slack], dict[str, Account]()
        self.partner: PartnerWorkspace | None = None
        self.bot: Bot | None = None
        self.busy, self._stopping = asyncio.Lock(), False
        self.advancing: tuple[date, date] | None = None
        self.typed: dict[str, list[Json]] = {}
        self._snapshots = Snapshots(core, self.slacks)
        self._snapshots.save(day, self.typed)
        self.add_people(people)

    def add_people(self, people: list[Account]) -> None:
        """Add the accounts to the local Slack; they become the world's people."""
        for each in people:
            self.slack.directory.person(each.as_person())
        self.people = {each.email: each for each in people}

    def add_partner(self, partner: PartnerWorkspace) -> None:
        """Add the workspace of a partner's own, before anything happens."""
        self.partner = partner
        self.slacks.append(partner.slack)
        self._snapshots.save(self.day, self.typed)

    def account(self, key: str) -> Account | None:
        """Somebody of any workspace, by their key."""
        return self.people.get(key) or (self.partner.people.get(key) if self.partner else None)

    def slack_of(self, who: Account) -> Slack:
        """The workspace that they use."""
        return next(each for each in self.slacks if each.state.workspace.team_id == who.team_id)

    def colleagues(self, who: Account) -> Collection[Account]:
        """Everybody who uses the same workspace."""
        partners = self.partner.people if self.partner else {}
        return (partners if who.key in partners else self.people).values()

    async def type(self, who: Account, line: str, channel: str, wait: float) -> Answer:
        """Type a command as this person. It is added to `typed`, by user id, because Slack itself doesn't show it."""
        word, _, text = line.partition(" ")
        slack = self.slack_of(who)
        ts = slack.state.screen.next_ts()
        entry = {"ts": ts, "channel": channel, "typed": line, "where": "message", "thread": None}
        self.typed.setdefault(who.user_id, []).append(entry)
        return await slack.command(who.user_id, word, text, channel=channel, wait=wait)

    def today(self) -> date:
        """The day that questions are about."""
        return self.day

    def moment(self) -> datetime:
        """The current time (UTC)."""
        return self.clock.moment()

    async def jump_to(self, day: date) -> None:
        """Jump to another day. Back in time, everything is as it was when that day began."""
        async with self._exclusive():
            await self._set_day(day)

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[None]:
        """Hold the lock `busy`, and notify the page before and after."""
        try:
            async with self.busy:
                self.slack.state.screen.notify()
                yield
        finally:
            self.slack.state.screen.notify()

    async def _set_day(self, day: date) -> None:
        if day == self.day:
            return
        assert self.bot is not None
        assert self.bot.scheduler is not None
        async with self.bot.scheduler.ticking:  # so that no tick sees a half-changed day
            if day > self.day:
                self._snapshots.save(day, self.typed)
            if self._load_day and await create_services(self.core).uploads.has_imported():
                self._load_day = None  # the sample of another day would undo it
            if self._load_day:
                await asyncio.to_thread(self._load_day, day)
            back, self.day = day < self.day, day
            self.clock.set_day(day)
            self._tell_the_bot_the_time()
            if back:
                self.typed = self._snapshots.restore(day)
                for each in self.slacks:
                    each.state.screen.rewind()
        self.slack.state.screen.notify()

    def _tell_the_bot_the_time(self) -> None:
        """Let the bot measure Slack's time again, which has jumped with the clock. Else it would look for a message in
        doubt around the time before, miss it and send it twice.
        """
        assert self.bot is not None
        slack_time = self.bot.slack_time
        slack_time.heard(slack_time.started(), {}, str(self.clock()))

    async def roll_over_days(self) -> None:
        """Start the next day whenever midnight has passed; runs until it is cancelled."""
        while True:
            await asyncio.sleep(_ROLL_OVER_SECONDS)
            await self.roll_over()

    async def roll_over(self) -> None:
        """Start the next day if midnight has passed."""
        if self.moment().date() > self.day and not self.busy.locked():
            async for _ in self.advance(self.day + timedelta(1)):
                pass

    async def advance(self, to: date) -> AsyncIterator[date]:
        """Let the days pass one by one, each ending when all its messages are sent; yields each new day. Meanwhile
        `advancing` has the first and the last day, and the bot ticks once a day.
        """
        assert self.bot is not None
        assert self.bot.scheduler is not None
        async with self._exclusive():
            self._stopping, self.advancing = False, (self.day, to)
            try:
                with self.bot.scheduler.paused():
                    while self.day < to and not self._stopping:
                        await self._set_day(self.day + timedelta(1))
                        await self.deliver_due()
                        yield self.day
            finally:
                self.advancing = None

    def stop_advancing(self) -> None:
        """Stop advance() after the current day."""
        self._stopping = True

    async def set_unsupported_types(self, slack: Slack, *types: str) -> None:
        """Let a workspace refuse these block types and take all others; the bot forgets what it knew about it."""
        slack.unsupported_types.clear()
        slack.unsupported_types.update(types)
        workspaces, team_id = self.bot and self.bot.workspaces, slack.state.workspace.team_id
        if isinstance(workspaces, ManyWorkspaces):
            served = await workspaces.find(team_id)
        else:
            assert isinstance(workspaces, OneWorkspace)
            served = workspaces.served
        if served is not None:
            served.presenter.forget_what_was_learned()

    @property
    def follows_clock(self) -> bool:
        """Whether the data changes with the day, as the sample's does."""
        return self._load_day is not None

    async def deliver_due(self) -> None:
        """Plan what is due and wait until it is sent, including what Slack's rate limit delays."""
        assert self.bot is not None
        assert self.bot.scheduler is not None
        await self.bot.scheduler.tick()
        outbox = create_services(self.core).outbox
        for _ in range(_MAX_POLLS):
            if not await outbox.due_before(self.moment() + _RATE_LIMIT_PAUSE):
                return
            await asyncio.sleep(_POLL_SECONDS)
            self.clock.skip(_SKIP_SECONDS)  # rather than wait out Slack's second between two messages

    async def import_files(self, folder: Path, *, replace: bool) -> Imported:
        """Import a folder, in addition to the current data or replacing it; nothing is stored if a file is invalid.

        From then on the data no longer changes with the day.
        """
        program, engine = self.core.program, self.core.engine
        async with self._exclusive():
            imported = await asyncio.to_thread(import_folder, engine, program, folder, today=self.day, mirror=replace)
        if imported.stored:
            self._load_day = None
            accounts = load_accounts(self.core, next(iter(self.people), ""))
            waiting = {each.email: each for each in self.people.values() if is_newcomer(each)}
            link_accounts(
                self.core, [each for each in accounts if each.email in waiting or each.email not in self.people]
            )
            listed = {each.email for each in accounts}
            self.add_people([*accounts, *(each for email, each in waiting.items() if email not in listed)])
            self.slack.state.screen.notify()
        return imported
