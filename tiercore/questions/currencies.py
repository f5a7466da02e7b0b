"""What to know about amounts that aren't in US$ (how-tiers-work#currencies)."""

from collections.abc import Iterable
from typing import NamedTuple

from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Rules
from tiercore.rating.credits import in_program_cents


class InUSDollars(NamedTuple):
    """An amount by the program's table: what it is in US$, to the cent, and which amount of its currency is US$100."""

    amount: Money
    per_100_usd: Money


def in_us_dollars(amount: Money, rules: Rules) -> InUSDollars | None:
    """The amount by the rules' table; None for one in US$, and for a currency without a table."""
    per_100 = rules.per_100_usd(amount.currency)
    if isinstance(per_100, Unknown) or not rules.is_approximate(amount.currency):
        return None
    return InUSDollars(Money(in_program_cents(amount.minor, per_100, 1), "USD"), per_100)


def approximate_notes(rules: Rules, currencies: Iterable[str]) -> list[str]:
    """One note that names those of the currencies whose amounts are approximate; none where all is in US$."""
    named = [each for each in sorted({*currencies}) if rules.is_approximate(each) and _has_table(rules, each)]
    return [f"amounts in {' and '.join(named)} are approximate (the program's fixed table)"] if named else []


def currency_notes(rules: Rules, currency: str) -> list[str]:
    """What to know about amounts converted into the currency."""
    per_100 = rules.per_100_usd(currency)
    if isinstance(per_100, NotConfigured):
        return [f"amounts in US$: {per_100.reason}"]
    return approximate_notes(rules, [currency])


def _has_table(rules: Rules, currency: str) -> bool:
    return not isinstance(rules.per_100_usd(currency), Unknown)
