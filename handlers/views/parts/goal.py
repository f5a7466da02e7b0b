"""The goal that a partner has kept, in words: how it stands with it, as lines for other answers, and its buttons."""

from typing import Any

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import opener, value
from handlers.views.parts.controls import control_row
from handlers.views.parts.formats import ahead, count, day, listed, measured, name, points, spoken, tier
from handlers.views.parts.reasons import not_met
from tiercore.facts.points import as_decimal
from tiercore.questions.goals import GoalProgress, Track

WITHDRAW = "withdraw_goal"
_MARKS = {Track.ON: "🎯", Track.OFF: "🔴", Track.REACHED: "🟢", Track.MISSED: "🔴", Track.UNKNOWN: "⚪"}


def mark(found: GoalProgress) -> str:
    """Its colour: green only where it is reached."""
    return _MARKS[found.track]


def headline(found: GoalProgress) -> str:
    """How it stands with the goal: "goal Platinum by 15 Jan 2023 is on track: 125 of 225 points to go"."""
    goal = f"goal {tier(found.goal.tier)} by {day(found.goal.day)}"
    match found.track:
        case Track.REACHED:
            return f"{goal} is reached" if found.as_of >= found.goal.day else f"{goal} will be reached as it stands"
        case Track.MISSED:
            return f"{goal} was missed{_why(found)}"
        case Track.UNKNOWN:
            return f"{goal} can't be judged"
        case Track.OFF:
            return f"{goal} is off track{_why(found)}"
    return f"{goal} is on track: {points(found.missing)} points to go"


def _why(found: GoalProgress) -> str:
    others = not_met([each for each in found.short if not each.short], found.as_of)
    missing = f"{points(found.missing)} points missing" if found.missing > 0 else ""
    said = listed([each for each in (missing, others) if each])
    return f": {said}" if said else ""


def lines(found: GoalProgress) -> list[str]:
    """The points earned, the time left, and the steps whose last day comes first, a sentence each."""
    goal = found.goal
    earned = f"{points(max(0, found.earned))} of {points(goal.missing)} points earned"
    left = (goal.day - found.as_of).days
    said = [f"{earned}, {count(left, 'day')} left." if left >= 0 else f"{earned}."]
    if found.earned < 0:
        said.append(f"{points(-found.earned)} points more are missing than on {day(goal.kept_on)}.")
    if found.track in (Track.ON, Track.OFF) and found.left:
        first = min(found.left, key=lambda each: each.last_day)
        who = f" ({name(first.client, 40)})" if first.client else ""
        what = first.kind.replace("_", " ")
        said.append(f"Next step of the plan: {what}{who}, by {day(first.last_day)}{_away(found, first.last_day)}.")
    return said


def _away(found: GoalProgress, when: Any) -> str:
    return f", {left}" if (left := ahead(when, found.as_of)) else ""


def line(found: GoalProgress) -> str:
    """The goal in one line, for a digest or the Home tab."""
    return f"{mark(found)} {headline(found)[:1].upper()}{headline(found)[1:]}."


def paragraphs(found: GoalProgress) -> list[Block]:
    """The goal as paragraphs of rich text, with a bar of the points earned."""
    shown = [blocks.line(blocks.bold(line(found)))]
    if found.goal.missing > 0 and found.track is not Track.UNKNOWN:
        drawn = measured(found.earned, found.goal.missing, met=found.track in (Track.ON, Track.REACHED))
        shown.append(blocks.line(blocks.span(f"{drawn}  {lines(found)[0]}")))
    return [*shown, *(blocks.line(blocks.span(each)) for each in lines(found)[1:])]


def message(found: GoalProgress) -> Message:
    """The goal with its buttons, as a part of the Home tab."""
    partner_id = found.partner.partner_id
    words = f"{found.goal.tier} by {found.goal.day.isoformat()}"
    controls = [withdraw_button(found)]
    if found.goal.day >= found.as_of:
        controls.insert(0, opener("Plan", "plan", words, partner_id, aloud=f"Plan for {words}"))
    shown = [blocks.rich(*paragraphs(found)), control_row(*controls)]
    return Message(spoken(line(found), *lines(found)), shown)


def withdraw_button(found: GoalProgress) -> dict[str, object]:
    """The button that withdraws the goal, after Slack has asked."""
    goal = f"{tier(found.goal.tier)} by {day(found.goal.day)}"
    confirm = blocks.confirmation("Withdraw the goal?", f"{goal} will no longer be followed.", "Withdraw", "Keep it")
    return change_button(
        "Withdraw goal", WITHDRAW, value("plan", found.goal.goal_id, found.partner.partner_id), confirm=confirm
    )


def record(found: GoalProgress | None) -> dict[str, Any] | None:
    """The goal as JSON."""
    if found is None:
        return None
    return {
        "tier": found.goal.tier,
        "by": found.goal.day.isoformat(),
        "kept_on": found.goal.kept_on.isoformat(),
        "state": found.track.value,
        "earned": as_decimal(found.earned),
        "missing": as_decimal(found.missing),
    }
