"""One method per question: grant → load → compute → typed result. The only door from a viewer to a ledger."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tiercore.access import Grant, Mailbox, NotBound, PartnerName, Reach, Viewer
from tiercore.credits import Cause
from tiercore.entries import Certification, Partner, Role
from tiercore.expiry import Expiry, Lapse, UnknownExpiry, expiry_within
from tiercore.gap import Gap, gap_to
from tiercore.points import Source
from tiercore.program import UNTIERED, Model, Program
from tiercore.progress import MONTHS_BACK, Progress, days_shown, looked_ahead, progress_on
from tiercore.requirements import Facts
from tiercore.standing import Standing, standing_on
from tiercore.storage import statements
from tiercore.storage.reading import Query, Reader, as_date
from tiercore.timeline import Balance

Rows = Sequence[tuple[Any, ...]]
_PARTNER_COLUMNS = 7
ALL = 1_000_000


class Answers:
    """The questions, over one database and one set of rules; `immediate` when no answer ever waits for I/O."""

    def __init__(self, reader: Reader, program: Program) -> None:
        self._reader = reader
        self.program = program
        self.immediate = reader.immediate

    async def reach(self, viewer: Viewer) -> Reach:
        """Who the viewer is and which partners they may see. Raises NotBound for a stranger."""
        if isinstance(viewer, Mailbox):
            query: Query = (statements.REACH_OF_MAILBOX, {"email": viewer.email.lower()})
        else:
            known = {"team_id": viewer.team_id, "user_id": viewer.user_id, "channel_id": viewer.channel_id}
            query = (statements.REACH_OF_SLACK_USER, known)
        [rows] = await self._reader.fetch(query)
        if not rows:
            raise NotBound
        roles = frozenset(Role(row[2]) for row in rows)
        if Role.ADMIN in roles:
            [partners] = await self._reader.fetch((statements.EVERY_PARTNER, {}))
        else:
            partners = [row[3:5] for row in rows if row[3] is not None]
        names = tuple(PartnerName(*row) for row in partners)
        version, model, here = rows[0][5:8]
        return Reach(rows[0][0], rows[0][1], roles, names, version=version or 0, model=model, here=here)

    async def standing(self, grant: Grant, as_of: date, model: Model | None = None) -> Standing:
        """Where the partner stands on the day, by the model that decides or by another."""
        facts, balance, _ = await self._load(grant, as_of)
        return standing_on(as_of, self.program, facts, balance, model)

    async def gap(self, grant: Grant, tier: str | None, as_of: date, model: Model | None = None) -> Gap:
        """What is missing to the tier (None: the next one). Raises UnknownTier and NothingAbove."""
        facts, balance, _ = await self._load(grant, as_of)
        return gap_to(tier, as_of, self.program, facts, balance, model)

    async def expiring(self, grant: Grant, days: int, as_of: date, most: int = ALL) -> Expiry:
        """What lapses in the days after `as_of`; at most `most` lapses are listed, all are in the totals."""
        key = grant.partner.partner_id
        window = {"partner_id": key, "day": as_of.toordinal(), "until": (as_of + timedelta(days)).toordinal()}
        facts, balance, [ahead, lapses, unknown] = await self._load(
            grant,
            as_of,
            (statements.BALANCES_AHEAD, window),
            (statements.LAPSES, {**window, "most": most}),
            (statements.UNKNOWN_EXPIRY, window),
        )
        return expiry_within(
            days,
            as_of,
            self.program,
            facts,
            balance,
            [Balance._make(row) for row in ahead],
            [_lapse(row) for row in lapses],
            [UnknownExpiry(*row) for row in unknown],
        )

    async def progress(self, grant: Grant, as_of: date) -> Progress:
        """Points over the last six months and the next three, and what is lost first in the year ahead."""
        key = {"partner_id": grant.partner.partner_id}
        ends = {f"day_{number}": end.toordinal() for number, end in enumerate(days_shown(as_of)[:MONTHS_BACK])}
        window = {"day": as_of.toordinal(), "until": looked_ahead(as_of).toordinal()}
        facts, balance, [past, ahead] = await self._load(
            grant, as_of, (statements.BALANCES_BEFORE, {**key, **ends}), (statements.BALANCES_AHEAD, {**key, **window})
        )
        past, ahead = ([Balance._make(row) for row in rows] for rows in (past, ahead))
        return progress_on(as_of, self.program, facts, balance, past, ahead)

    async def _load(self, grant: Grant, as_of: date, *more: Query) -> tuple[Facts, Balance, list[Rows]]:
        """The partner's facts and balance on the day, and the rows of further queries, from one state of the data."""
        key = {"partner_id": grant.partner.partner_id}
        first, tiers, certifications, *rest = await self._reader.fetch(
            (statements.PARTNER_AND_BALANCE, {**key, "day": as_of.toordinal()}),
            (statements.TIERS_CREDITED, key),
            (statements.CERTIFICATIONS, key),
            *more,
        )
        [row] = first
        tier, since = _credited(tiers, as_of)
        facts = Facts(_partner(row), [_certification(each) for each in certifications], tier, since)
        known = row[_PARTNER_COLUMNS] is not None
        balance = Balance._make(row[_PARTNER_COLUMNS:]) if known else Balance(as_of.toordinal())
        return facts, balance, list(rest)


def _credited(rows: Rows, as_of: date) -> tuple[str | None, date | None]:
    """The tier credited last by the day, and since when; `rows` ascending by day."""
    held: tuple[str | None, date | None] = (None, None)
    for tier, credited_on in rows:
        day = as_date(credited_on)
        if day is not None and day <= as_of:
            held = (None if tier == UNTIERED else tier, day)
    return held


def _partner(row: tuple[Any, ...]) -> Partner:
    partner_id, name, country, currency, joined_on, invited_on, membership_until = row[:_PARTNER_COLUMNS]
    joined = as_date(joined_on)
    assert joined is not None
    return Partner(partner_id, name, country, currency, joined, as_date(invited_on), as_date(membership_until))


def _certification(row: tuple[Any, ...]) -> Certification:
    partner_id, name, valid_from, valid_until = row
    first, last = as_date(valid_from), as_date(valid_until)
    assert first is not None
    assert last is not None
    return Certification(partner_id, name, first, last)


def _lapse(row: tuple[Any, ...]) -> Lapse:
    client_id, client, line, source, lapsing, lapses_on, cause, assumed = row
    day = date.fromordinal(lapses_on)
    return Lapse(client_id, client, line, Source(source), lapsing, day, Cause(cause), bool(assumed))
