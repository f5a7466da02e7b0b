"""Converting points to MRR and back, by the day's rates and currency table (how-tiers-work#rates)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from tiercore.facts.entries import Partner
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Program, Rules
from tiercore.questions.currencies import currency_notes
from tiercore.rating.credits import rated

# Currencies written with a bare "$" in their own countries; all have cents.
DOLLAR_SIGNED = frozenset("ARS AUD CAD COP HKD MXN NZD SGD TWD USD".split())


class Way(NamedTuple):
    """One way to earn points: how much MRR, at how many points per US$100, standard and in growth markets."""

    source: Source
    mrr: Money
    rate: int
    growth_market_mrr: Money
    growth_market_rate: int


def mrr_for(micropoints: int, rate: int, per_100_usd: Money) -> Money:
    """The smallest MRR that earns the points, rounded up to the minor unit."""
    return Money(-(-micropoints * per_100_usd.minor // (rate * MICRO)), per_100_usd.currency)


def ways_to_earn(micropoints: int, rules: Rules, currency: str) -> dict[Source, Way]:
    """The points as MRR for each source, in `currency`, or in US$ if the program has no table for it."""
    per_100 = _per_100_usd(rules, currency)
    return {source: _way(micropoints, source, rules, per_100) for source in Source}


def way_to_earn(micropoints: int, source: Source, rules: Rules, currency: str) -> Way:
    """The same for one source."""
    return _way(micropoints, source, rules, _per_100_usd(rules, currency))


def _per_100_usd(rules: Rules, currency: str) -> Money:
    per_100 = rules.per_100_usd(currency)
    return Money(100_00, "USD") if isinstance(per_100, Unknown) else per_100


def _way(micropoints: int, source: Source, rules: Rules, per_100: Money) -> Way:
    rate = rules.rate(source, growth_market=False)
    growth = rules.rate(source, growth_market=True)
    return Way(source, mrr_for(micropoints, rate, per_100), rate, mrr_for(micropoints, growth, per_100), growth)


class Earned(NamedTuple):
    """What an MRR earns: micropoints at a rate per US$100, standard and in growth markets."""

    source: Source
    micropoints: int
    rate: int
    growth_market_micropoints: int
    growth_market_rate: int


@dataclass(frozen=True, slots=True)
class ToConvert:
    """Micropoints or MRR to convert.

    `sources` restricts the answer (empty: all), `growth_market` asks for growth-market rates, and `currency` is the one
    to convert points to. `bare_dollar` marks an amount written with "$", which may mean the partner's own dollar;
    `bare_number` marks points written without a unit.
    """

    amount: int | Money
    sources: tuple[Source, ...] = ()
    growth_market: bool = False
    currency: str | None = None
    bare_dollar: bool = False
    bare_number: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """Points as MRR for each source (`ways`), or MRR as points (`earned`, empty if its currency has no table).

    `asked` is the request, with "$" resolved to a currency; `per_100_usd` is the amount of `currency` that equals
    US$100 on the day.
    """

    partner: Partner | None
    as_of: date
    rules: Rules
    asked: ToConvert
    currency: str
    per_100_usd: Money | NotConfigured
    ways: dict[Source, Way]
    earned: dict[Source, Earned]
    notes: tuple[str, ...]


def converted(asked: ToConvert, day: date, program: Program, partner: Partner | None) -> Conversion:
    """The points as MRR in the partner's currency (US$ without a partner), or the MRR as points, by the day's rules."""
    rules, own_currency = program.on(day), partner.currency if partner else "USD"
    if asked.bare_dollar and isinstance(asked.amount, Money) and own_currency in DOLLAR_SIGNED:
        asked = replace(asked, amount=Money(asked.amount.minor, own_currency))
    amount = asked.amount
    currency = amount.currency if isinstance(amount, Money) else asked.currency or own_currency
    return Conversion(
        partner=partner,
        as_of=day,
        rules=rules,
        asked=asked,
        currency=currency,
        per_100_usd=rules.per_100_usd(currency),
        ways={} if isinstance(amount, Money) else ways_to_earn(amount, rules, currency),
        earned=points_of(amount, rules) if isinstance(amount, Money) else {},
        notes=tuple(_notes(asked, program, rules, currency)),
    )


def points_of(mrr: Money, rules: Rules) -> dict[Source, Earned]:
    """The MRR as points of each source, rated like a credit; empty if its currency has no table."""
    per_100 = rules.per_100_usd(mrr.currency)
    if isinstance(per_100, Unknown):
        return {}
    return {source: _earned(mrr, source, rules, per_100) for source in Source}


def _earned(mrr: Money, source: Source, rules: Rules, per_100: Money) -> Earned:
    rate = rules.rate(source, growth_market=False)
    growth = rules.rate(source, growth_market=True)
    return Earned(source, rated(mrr.minor, rate, per_100), rate, rated(mrr.minor, growth, per_100), growth)


def _notes(asked: ToConvert, program: Program, rules: Rules, currency: str) -> list[str]:
    notes = [program.label] if program.label else []
    if isinstance(asked.amount, int) or not isinstance(rules.per_100_usd(currency), NotConfigured):
        notes += currency_notes(rules, currency)
    if asked.bare_dollar and currency != "USD":
        notes.append(f"$ was read as {currency}, the partner's currency: type US$ for US dollars")
    if asked.bare_number:
        notes.append("read as points: for money, add the currency, like 225 EUR")
    if rules.rate_follows_origin:
        notes.append("at the rates of a new sale on this day: an upsell keeps the rates of its product line")
    return notes
