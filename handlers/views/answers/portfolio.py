"""The week of all the partners that a CAM looks after, as one message, and as JSON."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import ACTION, value
from handlers.views.parts.controls import control_row, share
from handlers.views.parts.doubts import TO_SET, reason_of
from handlers.views.parts.formats import count, day, due, listed, name, points, prose, signed, spoken, tier, upper
from handlers.views.parts.hindsight import moved, summary
from handlers.views.parts.reasons import in_full, left_of, not_met, to_go
from handlers.views.parts.requirement import turns_red
from handlers.views.parts.schedule import schedule_button, subscription_notes
from handlers.views.parts.verdict import headline as headline_of
from handlers.views.parts.verdict import lines, record_of
from tiercore.facts.points import as_decimal
from tiercore.questions.digest import WEEK
from tiercore.questions.portfolio import THRESHOLDS, PartnerWeek, Portfolio
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.verdict import VerdictKind
from tiercore.rating.hindsight import NO_SHIFT

SHOWN = 6


def message(portfolio: Portfolio, *, stop: str = "") -> Message:
    """One screen: the partners at risk, not judged, close to the next tier, or with changes, and a menu that opens
    their digests.

    `stop` is the command that ends a subscription's digest, "" for a digest that someone asked for.
    """
    title = headline(portfolio)
    parts = [
        *_section("🔴 Needs attention", portfolio.at_risk, _risk),
        *_unjudged(portfolio),
        *_section("Close to the next tier", portfolio.close, _near),
        *_section(_moved_title(portfolio), portfolio.moved, _move),
    ]
    number, first = len(portfolio.weeks), portfolio.weeks[: blocks.MENU_LIMIT]
    options = [(name(_name(each), 75), value("digest", "", _partner_id(each))) for each in first]
    shown = [blocks.header(title)]
    shown += [blocks.rich(*parts)] if parts else []
    shown.append(
        control_row(
            *([blocks.select("Open a partner", f"{ACTION}:list", options, count=number)] if options else []),
            schedule_button(stop),
            share(),
        )
    )
    footnotes = [f"As of {day(portfolio.as_of)}", *subscription_notes(stop)]
    aloud = [f"{_name(each)}: {_risk(each)}." for each in portfolio.at_risk[:SHOWN]]
    aloud += [f"Can't be judged: {each}." for each in _reasons(portfolio)]
    aloud += [f"{_name(each)}: {_near(each)}." for each in portfolio.close[:SHOWN]]
    aloud += [f"{_name(each)}: {_move(each)} points." for each in portfolio.moved[:SHOWN]]
    return Message(
        spoken(f"{title}.", *aloud),
        [*shown, blocks.context(*footnotes, *(upper(prose(each)) for each in portfolio.notes[:1]))],
    )


def headline(portfolio: Portfolio) -> str:
    """How many partners there are, and how many need attention, can't be judged, are close, or have changed.

    While some can't be judged, nobody is said to need no attention: none is known to.
    """
    close, moved = len(portfolio.close), len(portfolio.moved)
    known = "" if all(each.is_close_known for each in portfolio.weeks) else "known to be "
    said = [*_attention(portfolio)]
    said += [f"{close} {known}close to the next tier"] if close else []
    said += [f"{moved} moved"] if moved else []
    return f"{count(len(portfolio.weeks), 'partner')}: {', '.join(said)}"


def _attention(portfolio: Portfolio) -> Iterator[str]:
    risk, unjudged = len(portfolio.at_risk), len(portfolio.unjudged)
    if risk:
        yield f"{risk} {'needs' if risk == 1 else 'need'} attention"
    if unjudged:
        why = f": {count(portfolio.unset, 'threshold')} not set" if portfolio.unset else ""
        yield f"{unjudged} can't be judged{why}"
    elif not risk:
        yield "none needs attention"


def _section(title: str, weeks: Sequence[PartnerWeek], describe: Callable[[PartnerWeek], str]) -> list[Block]:
    if not weeks:
        return []
    lines = [blocks.line(blocks.bold(_name(each)), blocks.span(f": {describe(each)}")) for each in weeks[:SHOWN]]
    found = [blocks.line(blocks.bold(f"{title} ({len(weeks)})")), blocks.bullets(lines)]
    return [*found, blocks.line(blocks.italic(f"… and {len(weeks) - SHOWN} more"))] if len(weeks) > SHOWN else found


def _unjudged(portfolio: Portfolio) -> Iterator[Block]:
    """The partners that can't be judged: a line per reason, with how many and who."""
    if not portfolio.unjudged:
        return
    yield blocks.line(blocks.bold(f"⚪ Can't be judged ({len(portfolio.unjudged)})"))
    yield blocks.bullets(blocks.line(blocks.span(each)) for each in _reasons(portfolio))
    if any(doubt.subject == THRESHOLDS for doubt, _ in portfolio.by_doubt):
        yield blocks.line(blocks.italic(TO_SET))


def _reasons(portfolio: Portfolio) -> list[str]:
    """A reason per line, with the number of its partners and some of their names."""
    lines = []
    for doubt, weeks in portfolio.by_doubt[:SHOWN]:
        names = [_name(each) for each in weeks[:SHOWN]]
        more = [f"{len(weeks) - SHOWN} more"] if len(weeks) > SHOWN else []
        lines.append(f"{upper(reason_of(doubt))} ({len(weeks)}): {listed([*names, *more])}")
    rest = len(portfolio.by_doubt) - SHOWN
    return [*lines, f"{count(rest, 'more reason')}: open a partner"] if rest > 0 else lines


def _risk(week: PartnerWeek) -> str:
    """The verdict, with what keeps a tier in danger; where the tier is kept, what turns red first."""
    verdict = week.verdict
    if verdict.is_bad or verdict.kind is VerdictKind.BELOW:
        return ". ".join([headline_of(verdict), *(each.removesuffix(".") for each in lines(verdict)[:1])])
    standing, as_of = week.standing, week.standing.as_of
    said = "; ".join(_turn(each, as_of) for each in week.turns)
    if standing.amiss:
        said = f"below {tier(standing.credited_tier)} today, {in_full(standing.amiss, as_of)}"
    return "; ".join(filter(None, [said, _review(week.recalibration)]))


def _review(review: Recalibration) -> str:
    """The result of the recalibration, with what causes a fall; "" where that isn't known."""
    credited, when = tier(review.credited_tier), day(review.day)
    if review.result in (Result.FALLS, Result.AT_RISK):
        falls = f"falls to {tier(review.outcome)}" if review.result is Result.FALLS else "at risk"
        return f"{credited} {falls} on {when}: {not_met(review.causes, review.as_of, how_far=True)}"
    is_kept = review.result in (Result.KEEPS, Result.PROTECTED) and not review.open
    return f"{credited} is kept on {when}" if is_kept else ""


def _turn(breach: Breach, as_of: date) -> str:
    """Which figure turns red, when, and what is left: "Gold's sold minimum turns red on 5 Sep 2022: 75 of 90"."""
    turn = turns_red(breach.tier, breach.requirement.name, due(breach.day, as_of), raised=breach.is_raised)
    return f"{turn}: {left_of(breach.requirement, as_of)}"


def _near(week: PartnerWeek) -> str:
    standing = week.standing
    said = to_go(standing.requirements, tier(standing.next_tier))
    return said if week.missing or not standing.amiss else f"{said}, but {not_met(standing.amiss, standing.as_of)}"


def _move(week: PartnerWeek) -> str:
    hindsight = week.hindsight.at_since if week.hindsight else NO_SHIFT
    corrections = week.hindsight.corrections if week.hindsight and hindsight != NO_SHIFT else ()
    because = summary([each for each in corrections if each.at_since != NO_SHIFT])
    corrected = f", {moved(hindsight)} corrected in hindsight" if hindsight != NO_SHIFT else ""
    now = f"{signed(week.change)}{corrected}, now {points(week.standing.balance.combined)}"
    return f"{now} ({because})" if because else now


def _moved_title(portfolio: Portfolio) -> str:
    since = portfolio.since
    is_week = since is None or (portfolio.as_of - since).days == WEEK
    return "Moved this week" if since is None or is_week else f"Moved since {day(since)}"


def _name(week: PartnerWeek) -> str:
    return name(week.standing.partner.name)


def _partner_id(week: PartnerWeek) -> str:
    return week.standing.partner.partner_id


def record(portfolio: Portfolio) -> dict[str, Any]:
    """The portfolio as JSON; `at_risk` and `close` are null where they can't be judged."""
    return {
        "question": "digest",
        "topic": "portfolio",
        "as_of": portfolio.as_of.isoformat(),
        "since": portfolio.since.isoformat() if portfolio.since else None,
        "partners": [
            {
                "id": _partner_id(each),
                "name": each.standing.partner.name,
                "points": as_decimal(each.standing.balance.combined),
                "change": as_decimal(each.change),
                "corrected": as_decimal(each.corrected),
                "credited_tier": each.standing.credited_tier,
                "verdict": record_of(each.verdict),
                "at_risk": None if each.is_unjudged else each.is_at_risk,
                "not_judged": [reason_of(doubt) for doubt in each.doubts],
                "close": each.is_close if each.is_close or each.is_close_known else None,
            }
            for each in portfolio.weeks
        ],
    }
