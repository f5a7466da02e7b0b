"""Where a partner stands on a day: its tiers, its points, and the next tier's requirements (how-tiers-work#tiers)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tiercore.facts.entries import Partner
from tiercore.facts.months import months_after
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Model, Program, Rules, TierRules
from tiercore.questions.awards import Awards, ManagedYear, awards_on
from tiercore.questions.currencies import approximate_notes
from tiercore.questions.judging import JudgedTiers, Reached, is_open
from tiercore.questions.requirements import (
    FIGURES,
    Facts,
    Requirement,
    State,
    is_invited,
    lasting,
)
from tiercore.rating.timeline import Balance

if TYPE_CHECKING:
    from tiercore.questions.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer to "where do we stand?"; `requirements` are the next tier's, or the highest tier's if none is above.

    `held` are the credited tier's requirements, and `amiss` those of them that are red; `open` are those that can't be
    judged, the next tier's if none is credited. `verdict` is what matters most by the rules in use on the day; None
    where it isn't asked for. `lasting` are certification and membership as of the next recalibration. `judged_on` is
    the day whose rules apply; it differs from `as_of` for a model not in use on that day. `awards` are there if asked
    for in detail. `is_usual` says whether this is the dashboard that the reader sees first. `without_levels` counts the
    clients with an agreement in force and no subscription level, where a managed figure is short: they earn no managed
    points (how-tiers-work#managed-points).
    """

    partner: Partner
    as_of: date
    judged_on: date
    rules: Rules
    balance: Balance
    credited_tier: str | None
    credited_on: date | None
    performing: Reached
    next_tier: str | None
    target: TierRules
    requirements: tuple[Requirement, ...]
    next_recalibration: date
    lasting: tuple[Requirement, ...]
    amiss: tuple[Requirement, ...]
    open: tuple[Requirement, ...]
    notes: tuple[str, ...]
    awards: Awards | None = None
    without_levels: int = 0
    is_usual: bool = True
    held: tuple[Requirement, ...] = ()
    verdict: "Verdict | None" = None

    @property
    def is_managed_short(self) -> bool:
        """Whether a managed figure of the tier aimed at isn't met."""
        return any(is_managed(each) and each.short for each in self.requirements)


def is_managed(requirement: Requirement) -> bool:
    """Whether the requirement is about managed points or MRR."""
    return requirement.name.startswith("managed_")


def standing_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    model: Model | None = None,
    year: ManagedYear | None = None,
    judged: JudgedTiers | None = None,
) -> Standing:
    """The partner's standing on `day`, by that day's rules or, for another `model`, the nearest rules of that model.

    `balance` is the timeline's on that day; `judged` are the tiers by that day's rules, if they are judged already. A
    model not in use on the day gives a preview or a retrospective.
    """
    judged_on = program.day_of(model, day)
    rules = program.on(judged_on)
    tiers = judged if judged and judged_on == day else JudgedTiers(day, rules, facts, balance)
    reached = tiers.reached
    tier_above = next_above(rules, facts.credited_tier, reached.tier)
    target = tier_above or rules.tiers[-1]
    requirements, held = tiers.requirements(target), tiers.of(facts.credited_tier)
    return Standing(
        partner=facts.partner,
        as_of=day,
        judged_on=judged_on,
        rules=rules,
        balance=balance,
        credited_tier=facts.credited_tier,
        credited_on=facts.credited_on,
        performing=reached,
        next_tier=tier_above.name if tier_above else None,
        target=target,
        requirements=requirements,
        next_recalibration=(ends := program.recalibration_after(day - timedelta(1))),
        lasting=tuple(lasting(program.on(ends), facts, as_of=ends)),
        held=held,
        amiss=tuple(each for each in held if each.state is State.RED),
        open=tuple(each for each in tiers.of(facts.credited_tier or target.name) if is_open(each)),
        notes=(
            *notes_on(program, balance),
            *_tier_notes(day, facts, reached, target, requirements),
            *_not_judged_notes(rules, reached, tiers),
            *untiered_notes(day, rules, facts),
            *(approximate_notes(rules, [facts.partner.currency]) if rules.model == "points" else ()),
        ),
        awards=awards_on(day, program.on(day), facts, year) if year else None,
    )


def next_above(rules: Rules, credited: str | None, performing: str | None) -> TierRules | None:
    """The tier above the higher of the credited and the performing tier, None at the top."""
    ranks = rules.ranks
    above = max(ranks.get(credited or "", -1), ranks.get(performing or "", -1)) + 1
    return rules.tiers[above] if above < len(rules.tiers) else None


def notes_on(program: Program, balance: Balance, *, see: str = ": see /expiring") -> list[str]:
    """What a reader needs to know before relying on the figures, and where to see more."""
    notes = [program.label] if program.label else []
    unrated = balance.unrated_sold + balance.unrated_managed
    if unrated:
        are, its, it = ("credit is", "its", "it") if unrated == 1 else ("credits are", "their", "them")
        why = f"the rules or the data can't rate {it}" if program.deal_based else f"{its} currency has no points table"
        notes.append(f"{unrated} {are} not counted because {why}{see}")
    if balance.doubtful:
        have = "credit has" if balance.doubtful == 1 else "credits have"
        notes.append(f"{balance.doubtful} {have} an unknown expiry{see}")
    if balance.assumed:
        sales = "sale" if balance.assumed == 1 else "sales"
        notes.append(f"No subscription data for {balance.assumed} {sales}: counted in full")
    return notes


def _tier_notes(
    day: date, facts: Facts, reached: Reached, target: TierRules, requirements: Sequence[Requirement]
) -> list[str]:
    notes = []
    if reached.undecided:
        *lower, highest = (name.capitalize() for name in reached.undecided)
        names = f"{', '.join(lower)} or {highest}" if lower else highest
        notes.append(f"can't tell whether {names} is reached: some figures are unknown or not set")
    if target.by_invitation and not is_invited(facts.partner, day):
        figures = [r for r in requirements if r.name in FIGURES]
        if all(figure.state is State.GREEN for figure in figures):
            notes.append(f"the numbers reach {target.name.capitalize()}; it also takes an invitation and a review")
    return notes


def _not_judged_notes(rules: Rules, reached: Reached, tiers: JudgedTiers) -> list[str]:
    """The further requirements of the reached tier that weren't judged.

    Numbers alone never make a partner Elite, so for a tier by invitation those not set count, too.
    """
    if reached.tier is None:
        return []
    tier = rules.tier(reached.tier)
    open_ = {State.UNKNOWN, State.NOT_CONFIGURED, State.RED} if tier.by_invitation else {State.UNKNOWN}
    unknown = [each.name.replace("_", " ") for each in tiers.further(tier) if each.state in open_]
    return [f"{reached.tier.capitalize()} by the numbers alone; not checked: {', '.join(unknown)}"] if unknown else []


def untiered_notes(day: date, rules: Rules, facts: Facts) -> list[str]:
    """The day by which an untiered partner must reach Gold, if there is one (how-tiers-work#gold-within-24-months).

    It is conditional for a partner whose tier isn't on file.
    """
    if facts.credited_tier is not None or isinstance(rules.gold_within_months, NotConfigured):
        return []
    joined, earlier = facts.partner.joined_on, rules.gold_earlier
    if earlier and joined < earlier.joined_before:
        deadline, why = earlier.deadline, f"for partners who joined before {earlier.joined_before}"
    else:
        deadline = months_after(joined, rules.gold_within_months)
        why = f"{rules.gold_within_months} months after joining"
    left = (deadline - day).days
    away = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
    said = f"reach Gold by {deadline}, {away}: {why}" if left >= 0 else f"Gold was due by {deadline}: {why}"
    return [said if facts.is_tier_on_file else f"no credited tier on file; if there is none, {said}"]
