"""The week of all the partners that a CAM looks after, as one message, and as JSON."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from handlers.views.answers.digest import schedule_button, subscription_notes
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import ACTION, value
from handlers.views.parts.formats import ahead, count, day, due, name, points, prose, signed, spoken, tier
from handlers.views.parts.requirement import of_requirement
from tiercore.facts.points import as_decimal
from tiercore.questions.digest import PartnerWeek, Portfolio
from tiercore.questions.recalibration import Verdict
from tiercore.questions.requirements import Requirement

SHOWN = 6


def message(portfolio: Portfolio, *, stop: str = "") -> Message:
    """One screen: the partners at risk, close to the next tier, or with changes, and a menu that opens their digests.

    `stop` is the command that ends a subscription's digest, "" for a digest that someone asked for.
    """
    title = headline(portfolio)
    parts = [
        *_section("🔴 Needs attention", portfolio.at_risk, _risk),
        *_section("🟢 Close to the next tier", portfolio.close, _near),
        *_section("Moved this week", portfolio.moved, _move),
    ]
    number, first = len(portfolio.weeks), portfolio.weeks[: blocks.MENU_LIMIT]
    options = [(name(_name(each), 75), value("digest", "", _partner_id(each))) for each in first]
    shown = [blocks.header(title)]
    shown += [blocks.rich(*parts)] if parts else []
    shown.append(
        blocks.actions(
            *([blocks.select("Open a partner", f"{ACTION}:list", options, count=number)] if options else []),
            schedule_button(stop),
        )
    )
    footnotes = [f"As of {day(portfolio.as_of)}", *subscription_notes(stop)]
    notes = dict.fromkeys(each for week in portfolio.weeks[:1] for each in week.standing.notes[:1])
    aloud = [f"{_name(each)}: {_risk(each)}." for each in portfolio.at_risk[:SHOWN]]
    aloud += [f"{_name(each)}: {_near(each)}." for each in portfolio.close[:SHOWN]]
    aloud += [f"{_name(each)}: {_move(each)} points." for each in portfolio.moved[:SHOWN]]
    return Message(spoken(f"{title}.", *aloud), [*shown, blocks.context(*footnotes, *map(prose, notes))])


def headline(portfolio: Portfolio) -> str:
    """How many partners there are, and how many need attention, are close, or have changed."""
    moved, risk, close = len(portfolio.moved), len(portfolio.at_risk), len(portfolio.close)
    return (
        f"{count(len(portfolio.weeks), 'partner')}: {risk} {'needs' if risk == 1 else 'need'} attention, "
        f"{close} close to the next tier, {moved} moved"
    )


def _section(title: str, weeks: Sequence[PartnerWeek], describe: Callable[[PartnerWeek], str]) -> list[Block]:
    if not weeks:
        return []
    lines = [blocks.line(blocks.bold(_name(each)), blocks.span(f": {describe(each)}")) for each in weeks[:SHOWN]]
    found = [blocks.line(blocks.bold(f"{title} ({len(weeks)})")), blocks.bullets(lines)]
    return [*found, blocks.line(blocks.italic(f"… and {len(weeks) - SHOWN} more"))] if len(weeks) > SHOWN else found


def _risk(week: PartnerWeek) -> str:
    credited, standing, as_of = tier(week.standing.credited_tier), week.standing, week.standing.as_of
    if standing.amiss:
        first = standing.amiss[0]
        keeps = week.verdict in (Verdict.KEEPS, Verdict.PROTECTED)
        stays = f"; {credited} is kept on {day(week.recalibration)}" if keeps else ""
        return f"below {credited} today, {of_requirement(first, as_of)}{stays}"
    if week.red_on:
        return f"one of {credited}'s minimums turns red on {due(week.red_on, as_of)}"
    falls = "falls" if week.verdict is Verdict.FALLS else "at risk"
    why = "; ".join(_when(each, as_of) for each in week.missed)
    return f"{credited} {falls} on {day(week.recalibration)}{f': {why}' if why else ''}"


def _when(requirement: Requirement, as_of: date) -> str:
    """The requirement and its state, with how far away its end is."""
    left = ahead(requirement.have, as_of) if isinstance(requirement.have, date) else ""
    return f"{of_requirement(requirement, as_of)}{f', {left}' if left else ''}"


def _near(week: PartnerWeek) -> str:
    return f"{points(week.missing or 0)} points to {tier(week.standing.next_tier)}"


def _move(week: PartnerWeek) -> str:
    return f"{signed(week.change)}, now {points(week.standing.balance.combined)}"


def _name(week: PartnerWeek) -> str:
    return name(week.standing.partner.name)


def _partner_id(week: PartnerWeek) -> str:
    return week.standing.partner.partner_id


def record(portfolio: Portfolio) -> dict[str, Any]:
    """The portfolio as JSON."""
    return {
        "question": "digest",
        "topic": "portfolio",
        "as_of": portfolio.as_of.isoformat(),
        "partners": [
            {
                "id": _partner_id(each),
                "name": each.standing.partner.name,
                "points": as_decimal(each.standing.balance.combined),
                "change": as_decimal(each.change),
                "credited_tier": each.standing.credited_tier,
                "at_risk": each.is_at_risk,
                "close": each.is_close,
            }
            for each in portfolio.weeks
        ],
    }
