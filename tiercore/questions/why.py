"""The credits behind a figure, each with its rate and the rule it comes from (how-tiers-work#rates)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import Source
from tiercore.facts.typed import TypedMark
from tiercore.facts.unknown import Unknown
from tiercore.program import Dated, Program, Rules
from tiercore.questions.currencies import InUSDollars, approximate_notes, in_us_dollars
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import notes_on
from tiercore.rating.credits import Credit, Origin
from tiercore.rating.timeline import Balance

FIGURES_OF_POINTS = ("combined", "sold", "sourced", "assisted", "managed")
RETENTION = "retention"
AWARDS = "awards"
_AS_FAR_AS_FILES_GO = (Origin.FIRST_LEVEL, Origin.OWN_DAY)


@dataclass(frozen=True, slots=True)
class Reason:
    """A credit with its client and the rule of its rate; `version` is the rules' version on the day of that rate.

    `older` says that no file shows how the line began, and that another rate applies if it is older than the files.
    `in_us_dollars` is the credit's MRR by the table of its first day, None for one in US$.
    """

    credit: Credit
    client: str
    growth_market: bool
    version: str
    rule: Dated
    older: bool = False
    in_us_dollars: InUSDollars | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """A page of the active credits behind a figure, largest first: `reasons` starts at number `start` of `count`.

    `total` is the figure in micropoints, the exact sum of all `count` credits. `held` is set while expiry is under
    correction: the days of expiry must then not be shown. `typed` says who typed an entry in Slack, by its ID.
    """

    partner: Partner
    as_of: date
    rules: Rules
    figure: str
    total: int
    start: int
    count: int
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    held: Unknown | None = None
    typed: Mapping[str, TypedMark] = field(default_factory=dict)


def why_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    figure: str,
    start: int,
    count: int,
    credits: Sequence[tuple[Credit, str, str]],
) -> Why:
    """The page of credits behind `figure` on the day, from (credit, client name, client country)."""
    rules = program.on(day)
    return Why(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        figure=figure,
        total=getattr(balance, figure),
        start=start,
        count=count,
        reasons=tuple(_reason(program, *each) for each in credits),
        notes=(
            *notes_on(program, balance),
            *approximate_notes(rules, (credit.mrr.currency for credit, _, _ in credits)),
        ),
        held=facts.holds.get(EXPIRY),
    )


def _reason(program: Program, credit: Credit, client: str, country: str) -> Reason:
    of_day = program.on(credit.starts_on)
    growth = of_day.is_growth_market(country)
    path = f"rates.{credit.source}.{'growth_market' if growth else 'standard'}"
    rule = program.provenance(path, credit.rated_on)
    older = credit.origin in _AS_FAR_AS_FILES_GO and program.differed_before(path, credit.rated_on)
    in_usd = in_us_dollars(credit.mrr, of_day)
    return Reason(credit, client, growth, program.on(credit.rated_on).version, rule, older, in_usd)


def sources_of(figure: str) -> tuple[Source, ...]:
    """The sources whose credits make up the figure."""
    if figure == "combined":
        return tuple(Source)
    return (Source.SOURCED, Source.ASSISTED) if figure == "sold" else (Source(figure),)
