"""Changes to people, one method each. Permissions are checked in the same transaction as the change."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from tiercore.access import Grant, SlackUser
from tiercore.first_steps import Installation
from tiercore.people import audit, enterprise, holds, home_views, installation, linking, preferences
from tiercore.people.reads import forget_reads, latest_reads, record_reads
from tiercore.people.types import (
    OPERATOR,
    SLACK,
    AuditEntry,
    ChannelMoved,
    Hold,
    Identity,
    LinkDecision,
    LinkRequest,
    Read,
)
from tiercore.program import Model
from tiercore.storage.transactions import Transactions

FORGET_EVERY = timedelta(hours=1)
OnLinked = Callable[[Connection, SlackUser, datetime], None]


def _nothing(_connection: Connection, _user: SlackUser, _now: datetime) -> None:
    """Nobody is told that a user was linked."""


class People:
    """Links, preferences, holds and the audit log of one database.

    Every change may raise InvalidChange (it can't be made) and NotAllowed (this person may not make it).
    """

    def __init__(self, transactions: Transactions, on_linked: OnLinked = _nothing) -> None:
        """`on_linked` is called in the transaction in which a user was linked."""
        self._transactions, self._on_linked = transactions, on_linked
        self._forget_at = datetime.min.replace(tzinfo=UTC)

    async def request_link(self, user: SlackUser, email: str) -> LinkRequest:
        """Ask to be linked to an e-mail in people.csv. Asking again returns the pending request."""
        return await self._transactions.write(lambda db, now: linking.request_link(db, user, email, now))

    async def pending_link_emails(self, user: SlackUser) -> Sequence[str]:
        """The e-mails in the user's undecided link requests, latest first."""
        return await self._transactions.read(lambda db: linking.pending_link_emails(db, user))

    async def decide_link(self, by: SlackUser, request_id: str, *, approve: bool) -> LinkDecision:
        """Approve or decline a link request."""

        def decide(db: Connection, now: datetime) -> LinkDecision:
            decision = linking.decide(db, by, request_id, approve=approve, now=now)
            if decision.approved:
                self._on_linked(db, decision.user, now)
            return decision

        return await self._transactions.write(decide)

    async def create_code(self, by: SlackUser | None, email: str) -> str:
        """A one-time code for the person with that e-mail. `by` is None for the operator."""
        return await self._transactions.write(lambda db, now: linking.create_code(db, by, email, now))

    async def create_codes_for_all(self) -> list[tuple[Identity, str]]:
        """A one-time code for each person whom no Slack user is linked to, by e-mail."""
        return await self._transactions.write(linking.create_codes_for_all)

    async def link_by_email(self, user: SlackUser, email: str) -> Identity | None:
        """Link the user to the person with the e-mail that Slack has verified; None if people.csv has none."""

        def link(db: Connection, now: datetime) -> Identity | None:
            person = linking.link_by_email(db, user, email, now)
            if person is not None:
                self._on_linked(db, user, now)
            return person

        return await self._transactions.write(link)

    async def use_code(self, user: SlackUser, code: str) -> Identity:
        """Link the user to the code's person. The code works once."""

        def use(db: Connection, now: datetime) -> Identity:
            person = linking.use_code(db, user, code, now)
            self._on_linked(db, user, now)
            return person

        return await self._transactions.write(use)

    async def link(self, user: SlackUser, email: str) -> tuple[Identity, str | None]:
        """Link the user to a person, as the operator. Returns the person and the e-mail linked before."""

        def link(db: Connection, now: datetime) -> tuple[Identity, str | None]:
            linked = linking.link(db, user, email, now)
            self._on_linked(db, user, now)
            return linked

        return await self._transactions.write(link)

    async def unlink(self, user: SlackUser, *, by_operator: bool = False, by_slack: bool = False) -> str:
        """Remove the user's link, which the operator or (where the account was deactivated) Slack may do, too. Returns
        the e-mail it pointed to.
        """
        by = OPERATOR if by_operator else SLACK if by_slack else None
        return await self._transactions.write(lambda db, now: linking.unlink(db, user, now, by))

    async def prefer(self, user: SlackUser, model: Model | None) -> Identity | None:
        """Save which dashboard the user sees first (None: by the day's rules). Returns the person, None if unlinked."""
        return await self._transactions.write(lambda db, _: preferences.prefer(db, user, model))

    async def set_channel_partner(self, user: SlackUser, grant: Grant | None) -> ChannelMoved:
        """Set or clear (None) the partner that the user's channel is about. Returns the change and whom to tell."""
        return await self._transactions.write(lambda db, now: preferences.set_channel_partner(db, user, grant, now))

    async def save_feedback(self, user: SlackUser, text: str) -> Identity | None:
        """Save a feedback message. Returns the person, None for an unlinked user."""
        return await self._transactions.write(lambda db, now: preferences.save_feedback(db, user, text, now))

    async def record_home_view(self, user: SlackUser, shown: str) -> bool:
        """Record what the user's Home tab shows. True if they opened it for the first time."""
        return await self._transactions.write(lambda db, now: home_views.record_home_view(db, user, shown, now))

    async def recent_home_views(self, team_id: str) -> Sequence[tuple[SlackUser, str]]:
        """The users of the team, or of its enterprise, who opened their Home tab recently, latest first, and what each
        tab shows.
        """
        return await self._transactions.read(lambda db: home_views.recent_home_views(db, self.now(), team_id))

    async def recent_home_teams(self) -> Sequence[str]:
        """The workspaces in which somebody opened their Home tab recently."""
        return await self._transactions.read(lambda db: home_views.recent_teams(db, self.now()))

    async def recent_home_view_of(self, user: SlackUser) -> str | None:
        """What the user's Home tab shows, None unless they opened it recently."""
        return await self._transactions.read(lambda db: home_views.recent_home_view_of(db, self.now(), user))

    async def users_elsewhere(self, team_id: str) -> Sequence[SlackUser]:
        """A linked user of each workspace that isn't recorded as part of the team's enterprise."""
        return await self._transactions.read(lambda db: enterprise.users_elsewhere(db, team_id))

    async def record_team(self, team_id: str, enterprise_id: str | None) -> None:
        """Record the enterprise that Slack says the workspace is part of; None: of none."""
        if await self._transactions.read(lambda db: enterprise.enterprise_of(db, team_id)) != enterprise_id:
            await self._transactions.write(lambda db, now: enterprise.record_team(db, team_id, enterprise_id, now))

    async def record_outside(self, team_id: str, enterprise_id: str) -> None:
        """Record that the workspace is not of this enterprise; of which other one it is, is not known by that."""
        if await self._transactions.read(lambda db: enterprise.enterprise_of(db, team_id)) == enterprise_id:
            await self.record_team(team_id, None)

    async def hold(self, figure: str, partner_id: str, reason: str) -> None:
        """Put a figure of a partner (or of EVERYONE) on hold."""
        await self._transactions.write(lambda db, now: holds.hold(db, figure, partner_id, reason, now))

    async def lift(self, figure: str, partner_id: str) -> None:
        """Show the figure again."""
        await self._transactions.write(lambda db, now: holds.lift(db, figure, partner_id, now))

    async def holds(self) -> Sequence[Hold]:
        """Every hold in force."""
        return await self._transactions.read(holds.holds)

    async def audit(self, limit: int) -> Sequence[AuditEntry]:
        """The latest changes, newest first."""
        return await self._transactions.read(lambda db: audit.latest(db, limit))

    async def record_reads(self, reads: Sequence[Read]) -> None:
        """Add to the log of reads, and from time to time remove what is too old."""

        def record(db: Connection, now: datetime) -> None:
            record_reads(db, reads)
            if now >= self._forget_at:
                self._forget_at = now + FORGET_EVERY
                forget_reads(db, now)

        await self._transactions.write(record)

    async def reads(self, limit: int, partner_id: str | None = None) -> Sequence[Read]:
        """The latest reads, newest first: of one partner, or all."""
        return await self._transactions.read(lambda db: latest_reads(db, limit, partner_id))

    async def installation(self, thresholds_unset: int) -> Installation:
        """What the database has, for the first steps."""
        return await self._transactions.read(lambda db: installation.installation(db, thresholds_unset))

    async def nobody_is_linked(self) -> bool:
        """Whether no Slack user is linked to anyone."""
        return await self._transactions.read(installation.nobody_is_linked)

    def now(self) -> datetime:
        """The current time, with which changes are dated."""
        return self._transactions.clock()
