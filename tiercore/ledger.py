"""The only way from a viewer to a partner's data: identifies the viewer and reads a partner with a Grant."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

from tiercore.access import (
    MANY,
    Grant,
    Mailbox,
    NotLinked,
    PartnerIndex,
    PartnerName,
    Reach,
    SlackUser,
    Viewer,
    partner_index,
)
from tiercore.all_partners import AllPartners, Versions, versions_of
from tiercore.current_program import CurrentProgram
from tiercore.facts.entries import Contact, Partner, Role
from tiercore.facts.holds import Holds
from tiercore.program import Program
from tiercore.questions.client import NoSuchClient
from tiercore.questions.hindsight import Hindsight, KnownAt
from tiercore.questions.requirements import Facts
from tiercore.rating.install_base import month_of
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.timeline import Balance
from tiercore.storage import client_statements, reach_statements, statements
from tiercore.storage.decoding import ReachRow, Rows, certification_of, credited, holds_of, partner_and_balance
from tiercore.storage.hindsight_statements import hindsight_from, hindsight_queries
from tiercore.storage.reader import NOBODY, Query, Reader, Scope

T = TypeVar("T")
MANY_ROWS = 500  # a few milliseconds' work
VERSION: Query = (reach_statements.VERSION, {})
MAX_CLIENTS_SUGGESTED = 5


class Changed(Exception):
    """The data has changed between two reads that are to be of one state."""


async def computed(rows: int, compute: Callable[..., T], *args: Any) -> T:
    """What `compute` makes of so many rows: of more than MANY_ROWS it does in a thread, so that nobody else waits."""
    return await asyncio.to_thread(compute, *args) if rows > MANY_ROWS else compute(*args)


def scope_of(viewer: Viewer | None) -> Scope:
    """Whose rows the database shows to the viewer."""
    match viewer:
        case SlackUser():
            return Scope(viewer.team_id, viewer.user_id)
        case Mailbox():
            return Scope(email=viewer.email.lower())
    return NOBODY


class Ledger:
    """The data of one database under one set of rules; `immediate` is True if most reads never wait for I/O."""

    def __init__(self, reader: Reader, program: Program) -> None:
        self.reader = reader
        self._current, self._everyone = CurrentProgram(reader, program), AllPartners(reader)
        self.immediate = reader.immediate

    @property
    def program(self) -> Program:
        """The rules as of the version of the data that was read last."""
        return self._current.program

    async def reach(self, viewer: Viewer) -> Reach:
        """Who the viewer is and which partners they may see. Raises NotLinked for an unknown viewer."""
        if isinstance(viewer, Mailbox):
            query: Query = (reach_statements.REACH_OF_MAILBOX, {"email": viewer.email.lower()})
        else:
            identity = {"team_id": viewer.team_id, "user_id": viewer.user_id, "channel_id": viewer.channel_id}
            query = (reach_statements.REACH_OF_SLACK_USER, identity)
        scope = scope_of(viewer)
        [rows] = await self.reader.fetch(query, scope=scope)
        if not rows:
            raise NotLinked
        person = ReachRow._make(rows[0])
        roles = frozenset(map(Role, {row[2] for row in rows}))
        version, all_changed_at = person.version or 0, person.all_changed_at or 0
        if Role.ADMIN in roles:
            found = await self._everyone.as_of(version, all_changed_at, query, scope)
            if found is None:
                return await self.reach(viewer)
            partners: tuple[PartnerName, ...] = found[0]
            versions = found[1]
        elif len(rows) > MANY:
            partners, versions = await asyncio.to_thread(_indexed, rows, all_changed_at)
        else:
            partners, versions = _named(rows, all_changed_at)
        await self._current.follow(version)
        return Reach(
            person.email,
            person.name,
            roles,
            partners,
            version,
            model=person.model,
            here=person.here,
            viewer=viewer,
            versions=versions,
        )

    async def contacts(self, grant: Grant, team_id: str) -> list[Contact]:
        """The partner's CAMs and CCs, each with their Slack user in the team if they are linked."""
        key = {"partner_id": grant.partner.partner_id, "team_id": team_id}
        [rows] = await self.fetch(grant, (reach_statements.CONTACTS, key))
        return [Contact(*row) for row in rows]

    async def require_seen(self, grant: Grant) -> None:
        """Before books are read that don't go through the reader: the database shows the partner to the grant's viewer,
        too (running#row-level-security). Raises ValueError.
        """
        partner_id = grant.partner.partner_id
        [partners] = await self.fetch(grant, (statements.PARTNER_AND_BALANCE, {"partner_id": partner_id, "day": 0}))
        if not partners:
            raise ValueError("the database doesn't show this partner")

    async def client_named(self, grant: Grant, text: str) -> str:
        """The ID of the partner's client, by ID or name. Raises NoSuchClient."""
        return await client_among(await self.clients_known(grant), text)

    async def clients_known(self, grant: Grant) -> Rows:
        """The ID and the name of every client of the partner, by name."""
        query: Query = (client_statements.CLIENTS_KNOWN, {"partner_id": grant.partner.partner_id})
        [clients] = await self.fetch(grant, query)
        return clients

    async def version(self) -> int:
        """How often the data has changed; when the number changes, cached answers are stale."""
        [rows] = await self.reader.fetch((reach_statements.VERSION, {}))
        version = int(rows[0][0]) if rows else 0
        await self._current.follow(version)
        return version

    async def fetch(self, grant: Grant, *queries: Query) -> list[Rows]:
        """The rows of each query that the grant's viewer may see, all from the same state of the data."""
        return list(await self.reader.fetch(*queries, scope=scope_of(grant.viewer)))

    async def fetch_at(self, grant: Grant, version: Rows, *queries: Query) -> list[Rows]:
        """The same of the state in which VERSION gave these rows. Raises Changed where there is another by now."""
        now, *found = await self.fetch(grant, VERSION, *queries)
        if now != version:
            raise Changed
        return found

    async def steadily(self, compute: Callable[[], Awaitable[T]]) -> T:
        """The result of `compute`, which begins again each time that it raises Changed."""
        while True:
            with suppress(Changed):
                return await compute()

    async def hindsight(self, grant: Grant, since: date, end: date, known: KnownAt) -> Hindsight:
        """What was corrected after the state of the data `known` of the days from `since` to `end`."""
        found = await self.fetch(grant, *hindsight_queries(grant.partner.partner_id, since, end, known))
        return hindsight_from(since, end, known, *found)

    async def consistently(self, compute: Callable[[], Awaitable[T]]) -> tuple[T, int]:
        """The result of `compute`, read entirely from one state of the data, and that state's version.

        A result that takes several reads is computed again if an import came between them, also where `compute` sees
        that and raises Changed.
        """
        while True:
            version = await self.version()
            with suppress(Changed):
                result = await compute()
                if await self.version() == version:
                    return result, version

    async def partner_on(self, grant: Grant, as_of: date, *more: Query) -> tuple[Partner, Balance, Holds, list[Rows]]:
        """The partner with its balance on the day, the figures under correction, and the rows of further queries, all
        from the same state: what an answer needs that judges no tier.
        """
        key = {"partner_id": grant.partner.partner_id}
        partner: Query = (statements.PARTNER_AND_BALANCE, {**key, "day": as_of.toordinal()})
        [row], holds, *rest = await self.fetch(grant, partner, (statements.HOLDS, key), *more)
        return *partner_and_balance(row, as_of), holds_of(holds), list(rest)

    async def load(
        self, grant: Grant, as_of: date, *more: Query, retention_of: tuple[date, date] | None = None
    ) -> tuple[Facts, Balance, list[Rows]]:
        """The partner's facts and balance on the day and the rows of further queries, all from the same state.

        With `retention_of` the facts' retention can give that of any day between the two, as well.
        """
        key = {"partner_id": grant.partner.partner_id}
        known = sorted(month_of(each) for each in (as_of, *(retention_of or ())))
        partners, tiers, certifications, months, holds, *rest = await self.fetch(
            grant,
            (statements.PARTNER_AND_BALANCE, {**key, "day": as_of.toordinal()}),
            (statements.TIERS_CREDITED, key),
            (statements.CERTIFICATIONS, key),
            (statements.RETENTION_MONTHS, {**key, "first_month": known[0], "last_month": known[-1]}),
            (statements.HOLDS, key),
            *more,
        )
        [row] = partners
        tier, since, former = credited(tiers, as_of)
        certified = [certification_of(each) for each in certifications]
        retention = retention_on(map(RetentionMonth._make, months), as_of)
        partner, balance = partner_and_balance(row, as_of)
        facts = Facts(partner, certified, tier, since, retention, holds_of(holds), former)
        return facts, balance, list(rest)


def _named(rows: Rows, all_changed_at: int) -> tuple[tuple[PartnerName, ...], Versions]:
    """The partners of a reach's rows, and each one's own version."""
    named: Rows = [row[3:6] for row in rows if row[3]]
    return tuple(PartnerName(partner_id, name) for partner_id, name, _ in named), versions_of(named, all_changed_at)


def _indexed(rows: Rows, all_changed_at: int) -> tuple[tuple[PartnerName, ...], Versions]:
    """The same of very many, with their index made beside the event loop."""
    partners, versions = _named(rows, all_changed_at)
    partner_index(partners)
    return partners, versions


async def client_among(clients: Rows, text: str) -> str:
    """The ID of one of the clients that were read, by ID or name. Raises NoSuchClient."""
    if len(clients) > MANY:
        return await asyncio.to_thread(_client_named, text, clients)
    return _client_named(text, clients)


def _client_named(text: str, clients: Rows) -> str:
    """The client's ID, from its ID, its name, or a part of exactly one name. Raises NoSuchClient."""
    index = PartnerIndex([PartnerName(*row) for row in clients])
    matches = index.equal_to(text) or index.containing(text)
    if len(matches) == 1:
        return matches[0].partner_id
    suggestions = matches[:MAX_CLIENTS_SUGGESTED] or index.alike(text)
    raise NoSuchClient(text, [(each.partner_id, each.name) for each in suggestions])
