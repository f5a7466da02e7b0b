"""The sales, subscriptions and agreements behind one client's points (roadmap-2022#client-details)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Agreement, Client, Partner, Sale, SubscriptionLevel
from tiercore.facts.holds import EXPIRY
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import notes_on
from tiercore.rating.credits import Cause, Credit, is_active
from tiercore.rating.managed import in_force
from tiercore.rating.timeline import Balance

_LOST_BY = frozenset({Cause.DOWNGRADE, Cause.CANCELLATION})


@dataclass(frozen=True, slots=True)
class Loss:
    """Points of a sale that were lost on a day because MRR decreased."""

    day: date
    cause: Cause
    micropoints: int


@dataclass(frozen=True, slots=True)
class SaleHistory:
    """A sale's points so far: earned = active + lapsed (expired) + lost, in micropoints; None if it couldn't be rated.

    `lapses_on` is the day the active points expire, None if there are none or the day is unknown.
    """

    sale: Sale
    earned: int | None
    active: int | None
    lapsed: int | None
    lost: int | None
    losses: tuple[Loss, ...]
    lapses_on: date | None
    doubt: str | None


@dataclass(frozen=True, slots=True)
class LineSum:
    """A product line of the client: active micropoints, and its MRR on the day and twelve months earlier."""

    product_line: str
    sold: int
    managed: int
    mrr: Money | None
    mrr_before: Money | None


@dataclass(frozen=True, slots=True)
class ClientDetail:
    """One client's points for one partner, in detail. `unpaid` says why an agreement in force earns no managed points.

    `first_level` is the day of the first subscription level on file. `held` is set while expiry is under correction.
    """

    partner: Partner
    as_of: date
    rules: Rules
    client: Client
    sold: int
    managed: int
    sales: tuple[SaleHistory, ...]
    lines: tuple[LineSum, ...]
    credits: tuple[Credit, ...]
    agreements: tuple[Agreement, ...]
    unpaid: str | None
    first_level: date | None
    notes: tuple[str, ...]
    held: Unknown | None = None


class NoSuchClient(LookupError):
    """The partner has no client of that name; `suggestions` are the (ID, name) of the most similar ones."""

    def __init__(self, text: str, suggestions: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(text)
        self.text, self.suggestions = text, tuple(suggestions)


@dataclass(frozen=True, slots=True)
class ClientLedger:
    """The stored data of one client for one partner: all of the client's levels, the rest only the partner's own."""

    client: Client
    sales: Sequence[Sale]
    levels: Sequence[SubscriptionLevel]
    agreements: Sequence[Agreement]
    credits: Sequence[Credit]


def client_on(day: date, program: Program, facts: Facts, balance: Balance, ledger: ClientLedger) -> ClientDetail:
    """The client as of the day; `credits` lists the managed credits active then."""
    active = [credit for credit in ledger.credits if is_active(credit, as_of=day)]
    managed = tuple(credit for credit in active if credit.source is Source.MANAGED)
    return ClientDetail(
        partner=facts.partner,
        as_of=day,
        rules=program.on(day),
        client=ledger.client,
        sold=_sum(credit for credit in active if credit.source is not Source.MANAGED),
        managed=_sum(managed),
        sales=tuple(_histories(ledger, day, facts.holds.get(EXPIRY))),
        lines=tuple(_lines(active, _visible_levels(ledger), day)),
        credits=managed,
        agreements=tuple(sorted(ledger.agreements, key=lambda each: each.starts_on)),
        unpaid=None if managed else why_unpaid(ledger.agreements, ledger.levels, day),
        first_level=min((level.effective_on for level in ledger.levels), default=None),
        notes=tuple(notes_on(program, balance)[: bool(program.label)]),
        held=facts.holds.get(EXPIRY),
    )


def why_unpaid(agreements: Iterable[Agreement], levels: Sequence[SubscriptionLevel], day: date) -> str | None:
    """Why an agreement in force earns no managed points (how-tiers-work#managed-points); None without an agreement."""
    if not in_force(agreements, day):
        return None
    return no_mrr(any(level.effective_on <= day for level in levels))


def no_mrr(levels_known: bool) -> str:
    """The reason in words; `levels_known` is whether the client has any subscription level by the day."""
    return "its subscriptions are cancelled" if levels_known else "no subscription data is on file"


def mrr_on(levels: Iterable[SubscriptionLevel], day: date) -> dict[str, Money]:
    """The MRR of each product line that has a level on or before the day."""
    latest: dict[str, SubscriptionLevel] = {}
    for level in levels:
        before = latest.get(level.product_line)
        if level.effective_on <= day and (before is None or before.effective_on < level.effective_on):
            latest[level.product_line] = level
    return {line: level.mrr for line, level in latest.items()}


def total_mrr(amounts: Iterable[Money]) -> Money | Unknown:
    """The sum of the amounts; Unknown if there are none or they are in several currencies."""
    listed = list(amounts)
    currencies = {each.currency for each in listed}
    if not listed:
        return Unknown("no subscription data is on file")
    if len(currencies) > 1:
        return Unknown(f"in several currencies: {', '.join(sorted(currencies))}")
    return Money(sum(each.minor for each in listed), listed[0].currency)


def _visible_levels(ledger: ClientLedger) -> list[SubscriptionLevel]:
    """The levels of the lines that the partner sold, or of all lines if it manages or has managed the client."""
    sold = {sale.product_line for sale in ledger.sales}
    return [level for level in ledger.levels if ledger.agreements or level.product_line in sold]


def _sum(credits: Iterable[Credit]) -> int:
    return sum(credit.micropoints or 0 for credit in credits)


def _histories(ledger: ClientLedger, day: date, held: Unknown | None) -> Iterator[SaleHistory]:
    """The histories of the sales up to the day, newest first."""
    parts: dict[str, list[Credit]] = defaultdict(list)
    for credit in ledger.credits:
        if credit.source is not Source.MANAGED:
            parts[credit.entry_id].append(credit)
    for sale in sorted(ledger.sales, key=lambda each: (each.sold_on, each.sale_id), reverse=True):
        if sale.sold_on <= day:
            yield _history(sale, parts.get(sale.sale_id, []), day, held)


def _history(sale: Sale, parts: Sequence[Credit], day: date, held: Unknown | None) -> SaleHistory:
    doubt = held.reason if held else next((part.doubt for part in parts if part.doubt), None)
    if any(part.micropoints is None for part in parts):
        return SaleHistory(sale, None, None, None, None, (), None, doubt)
    ended = [part for part in parts if not is_active(part, as_of=day)]
    lost = [part for part in ended if part.closed_by in _LOST_BY and part.lapses_on]
    active = [part for part in parts if is_active(part, as_of=day)]
    ends = [part.lapses_on for part in active if part.lapses_on]
    return SaleHistory(
        sale=sale,
        earned=_sum(parts),
        active=_sum(active),
        lapsed=_sum(ended) - _sum(lost),
        lost=_sum(lost),
        losses=tuple(Loss(part.lapses_on or day, part.closed_by or Cause.DOWNGRADE, _sum([part])) for part in lost),
        lapses_on=None if doubt or not ends else max(ends),
        doubt=doubt,
    )


def _lines(active: Sequence[Credit], levels: Sequence[SubscriptionLevel], day: date) -> Iterator[LineSum]:
    now, before = mrr_on(levels, day), mrr_on(levels, day - relativedelta(months=12))
    for line in sorted({credit.product_line for credit in active} | now.keys()):
        own = [credit for credit in active if credit.product_line == line]
        sold = _sum(credit for credit in own if credit.source is not Source.MANAGED)
        yield LineSum(line, sold, _sum(own) - sold, now.get(line), before.get(line))
