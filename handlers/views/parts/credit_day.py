"""What a credit day did to a tier, in words: the headline, what decided, and what brings a lost tier back."""

from collections.abc import Iterator

from dateutil.relativedelta import relativedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.chart import Chart, Series
from handlers.views.parts.formats import count, day, listed, points, tier, upper
from handlers.views.parts.reasons import labels, not_met
from handlers.views.parts.requirement import equals_sign, in_money, in_words, label_inside, ways_of
from handlers.views.parts.sampling_days import mark_on, reached_on
from tiercore.facts.points import hundredths
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.credit_day import CreditDay, Outcome
from tiercore.questions.recalibration import Recalibration, Sample
from tiercore.questions.requirements import Requirement, State, Unit

_MARKS = {
    Outcome.GAINED: "🎉",
    Outcome.KEPT: "🟢",
    Outcome.PROTECTED: "🟢",
    Outcome.AT_RISK: "🔴",
    Outcome.LOST: "🔴",
}


def mark_of(found: CreditDay) -> str:
    """The outcome's colour, a celebration for a tier gained; neutral where it isn't known."""
    return _MARKS.get(found.outcome, "⚪")


def headline(found: CreditDay, whose: str = "the") -> str:
    """The outcome in a phrase: "Gold kept on 15 Jan 2023, by your numbers". It says `whose` numbers gave it until the
    program's own word is on file.
    """
    held, when = tier(found.held), day(found.on_file.day if found.on_file else found.day)
    by = "" if found.on_file else f", by {whose} numbers"
    match found.outcome:
        case Outcome.GAINED:
            return f"{tier(found.tier)} credited on {when}{by}"
        case Outcome.KEPT:
            return f"{held} kept at the recalibration on {day(found.day)}{by}"
        case Outcome.PROTECTED if found.recalibration and found.recalibration.protected_until:
            until = day(found.recalibration.protected_until)
            return f"{held} kept at the recalibration on {day(found.day)}: protected until {until}"
        case Outcome.LOST:
            return f"{held} lost on {when}{by}: now {tier(found.tier)}"
        case Outcome.AT_RISK:
            return f"{held} at risk since the recalibration on {day(found.day)}{_cause(found)}"
        case Outcome.NOTHING:
            return f"no credited tier to review on {day(found.day)}"
    return f"can't tell whether {held} was kept on {day(found.day)}{_unknown(found)}"


def _cause(found: CreditDay) -> str:
    said = not_met(found.recalibration.causes, found.day) if found.recalibration else ""
    return f": {said}" if said else ""


def _unknown(found: CreditDay) -> str:
    open_ = found.recalibration.open if found.recalibration else ()
    return f": {labels(open_)} unknown or not set" if open_ else ""


def difference(found: CreditDay, whose: str = "the") -> str:
    """That the program credited another tier than the numbers give; "" where it didn't."""
    if found.on_file is None or isinstance(found.by_numbers, Unknown) or not found.differs:
        return ""
    credited = f"HubSpot credited {tier(found.on_file.tier)} on {day(found.on_file.day)}"
    return f"{credited}; by {whose} numbers it was {tier(found.by_numbers)}"


def details(found: CreditDay, whose: str = "the") -> Iterator[str]:
    """What decided, and what to do, a sentence each."""
    if said := difference(found, whose):
        yield f"{said}."
    review, held = found.recalibration, tier(found.held)
    match found.outcome:
        case Outcome.GAINED:
            credited_on = found.on_file.day if found.on_file else found.day
            until = credited_on + relativedelta(months=found.rules.protection_months)
            yield f"It can't be lowered before {day(until)}."
        case Outcome.KEPT if review and (good := [each for each in review.samples if each.enough]):
            others = f" and on {count(len(good) - 1, 'other sampling day')}" if len(good) > 1 else ""
            yield f"{held} or higher on {day(good[0].day)}{others}; one is enough."
        case Outcome.PROTECTED:
            yield "A tier can't be lowered in the first six months after it's gained."
        case Outcome.AT_RISK if review:
            red = [label_inside(each.name) for each in review.conditions if each.state is State.RED]
            yield f"Renew the {listed(red)} now to keep {held}."
        case Outcome.LOST if review:
            yield from _lost(found, review, whose)


def _lost(found: CreditDay, review: Recalibration, whose: str) -> Iterator[str]:
    """Why the tier is lost, and what brings it back."""
    held = tier(found.held)
    if not review.may_suffice:
        yield f"No sampling day reached {held}{_red_days(review)}."
    for each in review.conditions:
        if each.state is State.RED:
            yield f"Renew the {label_inside(each.name)}: it {in_words(each)}."
    if missing := [each for each in review.amiss if each.unit is not Unit.DAY]:
        what = "; ".join(_missing(each, found.rules, review.partner.currency) for each in missing)
        yield f"To bring {held} back: {what}. It's credited on the next 15th on which {whose} numbers reach it."


def _red_days(review: Recalibration) -> str:
    """On how many days each requirement was missed: ": sold minimum missed on 6 of 6, certification on 2"."""
    names = dict.fromkeys(each.name for sample in review.samples for each in sample.amiss)
    days = {one: sum(one in [each.name for each in sample.amiss] for sample in review.samples) for one in names}
    first, *others = [f"{label_inside(one)}{{}} on {number}" for one, number in days.items()] or [""]
    if not first:
        return ""
    parts = [f"{first.format(' missed')} of {len(review.samples)}", *(each.format("") for each in others)]
    return f": {listed(parts)}"


def _missing(requirement: Requirement, rules: Rules, currency: str) -> str:
    ways = ways_of(requirement, rules, currency)
    money = f" {equals_sign(rules, currency)} {in_money(ways)}" if ways else ""
    return f"{label_inside(requirement.name)} {in_words(requirement)}{money}"


def table_of(review: Recalibration) -> Block:
    """The sampling days as a table: what each reached, by which points."""
    in_points = review.rules.model == "points"
    head = ["Sampling day", *(["Combined points"] if in_points else []), "Result"]
    rows = [
        [
            blocks.text_cell(day(each.day)),
            *([_points_cell(each)] if in_points else []),
            blocks.text_cell(f"{mark_on(each, review)} {upper(reached_on(each, review))}{_projected(each)}"),
        ]
        for each in review.samples
    ]
    return blocks.data_table(f"Sampling days for {tier(review.credited_tier)}", head, rows, page_size=len(rows))


def _projected(sample: Sample) -> str:
    return " ▸ projected" if sample.projected else ""


def _points_cell(sample: Sample) -> dict[str, object]:
    if sample.balance is None:
        return blocks.text_cell("unknown")
    return blocks.number_cell(hundredths(sample.balance.combined) / 100, points(sample.balance.combined))


def chart_of(review: Recalibration) -> Chart | None:
    """The combined points of the sampling days against the tier's threshold; None where points don't decide."""
    balances = [each.balance for each in review.samples]
    if review.rules.model != "points" or not balances or None in balances:
        return None
    combined = tuple(hundredths(each.combined) / 100 for each in balances if each)
    series = [Series("Combined", combined)]
    threshold = next((each.combined for each in review.rules.tiers if each.name == review.credited_tier), None)
    if isinstance(threshold, int):
        value = hundredths(threshold) / 100
        series.append(Series(f"{tier(review.credited_tier)} threshold", (value,) * len(combined), threshold=True))
    labels_ = tuple(day(each.day).rpartition(" ")[0] for each in review.samples)
    return Chart("Points on the sampling days", labels_, tuple(series), projected_from=len(combined))


def in_a_sentence(review: Recalibration) -> str:
    """The sampling days for a screen reader: "15 Aug 2022: below Gold …"."""
    return " ".join(f"{day(each.day)}: {reached_on(each, review)}." for each in review.samples)
