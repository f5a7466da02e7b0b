"""What open deals would earn, stored: rated with every import and rebuild, so that an answer only reads it
(architecture#the-one-idea).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib import metadata
from typing import Any

import orjson
from sqlalchemy import Connection, Select, delete, insert, or_, select

from tiercore.deal_points import Rated, rated
from tiercore.facts.entries import Partner
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.questions.pipeline import CLASSES, Likelihood, OpenDeal, RatedDeal
from tiercore.rating.timeline import Balance
from tiercore.storage.books import books_of
from tiercore.storage.bulk import chunks, table
from tiercore.storage.decoding import Rows, open_deal_of, partner_of
from tiercore.storage.pipeline_statements import pipelines_of
from tiercore.storage.tables.ledger import PartnerRow, PipelineDealRow
from tiercore.storage.tables.pipeline import OpenDealPointsRow, PipelineAnswerRow

_deal, _said, _partner = table(PipelineDealRow), table(PipelineAnswerRow), table(PartnerRow)
_points = table(OpenDealPointsRow)


@dataclass(frozen=True, slots=True)
class TouchedDeals:
    """What an import touched that deals depend on: partners or deals of theirs, and rated entries of clients; `sales`
    are IDs that a deal may have, which is won then.
    """

    partners: Collection[str]
    clients: Collection[str]
    sales: Collection[str]


def coming(deals: Sequence[OpenDeal], as_of: date) -> list[OpenDeal]:
    """Those of the deals whose day isn't over: only they count in projections (pipeline#past-its-day)."""
    return [each for each in deals if not each.is_past(as_of)]


def stored_points(program: Program, found: Rows, deals: Sequence[OpenDeal]) -> Rated | None:
    """What the `deals` would earn, from the rows of DEAL_POINTS; None where exactly these, unchanged, aren't stored by
    these rules.
    """
    if not (deals and found):
        return None
    [(rules, text)] = found
    return _rated_of(text, deals) if rules == _rules_of(program) else None


def store_deal_points(
    connection: Connection, program: Program, today: date, touched: TouchedDeals | None = None
) -> None:
    """Rate the open deals of the partners that are touched, None for all, and of those for which nothing valid is
    stored; a deal whose day is over on `today` doesn't count.
    """
    if touched is None:
        connection.execute(delete(_points))
    else:
        for chunk in chunks(sorted(_owners(connection, touched))):
            connection.execute(delete(_points).where(_points.c.partner_id.in_(chunk)))
    rules = _rules_of(program)
    for chunk in chunks(_without_valid(connection, rules, today)):
        connection.execute(delete(_points).where(_points.c.partner_id.in_(chunk)))
        if found := [_row(*each, rules) for each in _rated_partners(connection, program, chunk, today)]:
            connection.execute(insert(_points), found)


def forget_deal_points(connection: Connection, partner_id: str) -> None:
    """Delete what the partner's open deals would earn: an answer rates them until the next import does."""
    connection.execute(delete(_points).where(_points.c.partner_id == partner_id))


def _owners(connection: Connection, touched: TouchedDeals) -> set[str]:
    """The partners whose deals may earn something else by what was touched."""
    found = set(touched.partners)
    for chunk in chunks(sorted(touched.clients)):
        found.update(connection.scalars(select(_deal.c.partner_id).where(_deal.c.client_id.in_(chunk))))
    for chunk in chunks(sorted(touched.sales)):
        found.update(connection.scalars(select(_deal.c.partner_id).where(_deal.c.deal_id.in_(chunk))))
        found.update(connection.scalars(select(_said.c.partner_id).where(_said.c.won_as.in_(chunk))))
    return found


def _without_valid(connection: Connection, rules: str, today: date) -> list[str]:
    """The partners with deals to come for which nothing is stored that is valid on the day by the rules."""
    stored = _deal.outerjoin(_points, _points.c.partner_id == _deal.c.partner_id)
    stored = stored.outerjoin(_said, _said.c.deal_id == _deal.c.deal_id)
    invalid = or_(_points.c.partner_id.is_(None), _points.c.rules != rules, _points.c.first_day < today.toordinal())
    ahead = or_(_deal.c.expected_on >= today, _said.c.moved_to >= today)
    found: Select[Any] = select(_deal.c.partner_id).distinct().select_from(stored).where(invalid, ahead)
    return list(connection.scalars(found.order_by(_deal.c.partner_id)))


def _rated_partners(
    connection: Connection, program: Program, partner_ids: Sequence[str], today: date
) -> Iterator[tuple[str, Rated]]:
    """The partners with deals to come, each with what they would earn."""
    deals = _coming_of(connection, partner_ids, today)
    clients = sorted({each.deal.client_id for of_one in deals.values() for each in of_one if each.deal.client_id})
    books = {book.client.client_id: book for book in books_of(connection, clients)}
    for partner in _partners(connection, sorted(deals)):
        yield partner.partner_id, rated(program, partner, deals[partner.partner_id], books)


def _coming_of(connection: Connection, partner_ids: Sequence[str], today: date) -> Mapping[str, list[OpenDeal]]:
    found = defaultdict[str, list[OpenDeal]](list)
    deals = [open_deal_of(tuple(row)) for row in connection.execute(pipelines_of(partner_ids))]
    for each in coming(deals, today):
        found[each.deal.partner_id].append(each)
    return found


def _partners(connection: Connection, partner_ids: Sequence[str]) -> Iterable[Partner]:
    return map(partner_of, connection.execute(select(_partner).where(_partner.c.partner_id.in_(partner_ids))))


@lru_cache(maxsize=8)
def _rules_of(program: Program) -> str:
    """What stored points are valid for: the rules and the release that rate deals and sort them into classes."""
    classes = [(each.path, [*each.changes()]) for each in program.parameters if each.path.startswith("pipeline.")]
    facts = program.rating_fingerprint, classes, metadata.version("tierbot")
    return sha256(repr(facts).encode()).hexdigest()


def _row(partner_id: str, found: Rated, rules: str) -> dict[str, Any]:
    first_day = min(each.open.expected_on for each in found.deals).toordinal()
    return {"partner_id": partner_id, "rules": rules, "first_day": first_day, "rated": _text_of(found)}


def _text_of(found: Rated) -> str:
    """The rated deals, and what each class adds, as JSON."""
    deals = [
        (
            _facts_of(each.open),
            each.likelihood,
            each.points,
            each.unknown.reason if each.unknown else None,
        )
        for each in found.deals
    ]
    added = [list(map(tuple, found.added[each])) for each in CLASSES]
    return orjson.dumps((deals, added), option=orjson.OPT_NON_STR_KEYS).decode()


def _facts_of(each: OpenDeal) -> tuple[str | int | None, ...]:
    """What rating takes from the deal itself. It takes its client's book and the partner, too: no fact here tells when
    these have changed, so whatever changes them must store the points again.
    """
    deal, day = each.deal, each.expected_on.toordinal()
    client = deal.client_id, deal.client_name, deal.country
    amount = deal.mrr.minor, deal.mrr.currency
    return deal.deal_id, day, *client, deal.product_line, deal.motion.value, *amount, deal.probability


def _rated_of(text: str, deals: Sequence[OpenDeal]) -> Rated | None:
    """The same with the deals themselves; None where they are others, or one has changed since."""
    stored, added = orjson.loads(text)
    known = {_facts_of(each): each for each in deals}
    if {tuple(facts) for facts, *_ in stored} != known.keys():
        return None
    return Rated(
        tuple(
            RatedDeal(
                known[tuple(facts)],
                Likelihood(likelihood),
                {Source(source): micropoints for source, micropoints in points.items()},
                Unknown(reason) if reason else None,
            )
            for facts, likelihood, points, reason in stored
        ),
        {each: tuple(map(Balance._make, of_class)) for each, of_class in zip(CLASSES, added, strict=True)},
    )
