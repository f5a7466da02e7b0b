"""When digests come, in words; the button that opens the schedule, and how to stop it."""

from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import clock, day, month, week
from tiercore.notifications.timetable import WEEKDAYS, Rhythm, Schedule

_SHORTEST_MONTH = 28


def schedule_button(stop: str) -> dict[str, Any]:
    """The button that opens the notifications modal."""
    return blocks.button("Change schedule" if stop else "Notifications", f"{FORM}:digest", "digest")


def subscription_notes(stop: str) -> list[str]:
    """A note that names the command to stop a subscription's digest; none for a digest that someone asked for."""
    return [f"Your digest: {stop} stops it"] if stop else []


def in_words(schedule: Schedule) -> str:
    """When digests come: "Mondays at 9:00, Europe/Berlin"."""
    weekday = WEEKDAYS[schedule.weekday].capitalize()
    match schedule.rhythm:
        case Rhythm.WEEKDAYS:
            days = "Monday to Friday"
        case Rhythm.MONTHLY:
            days = in_month(schedule.day_of_month) if schedule.day_of_month else f"First {weekday} of the month"
        case _:
            days = f"{weekday}s"
    return f"{days} at {clock(schedule.minute)}, {schedule.timezone}"


def in_month(day_of_month: int) -> str:
    """A day of every month: "15th of the month", "31st of the month, or its last day"."""
    shorter = ", or its last day" if day_of_month > _SHORTEST_MONTH else ""
    return f"{ordinal(day_of_month)} of the month{shorter}"


def period(text: str) -> str:
    """The period of a digest: "week of 5 Sep 2022" for "2022-W36", "5 Sep 2022" for "2022-09-05", "Sep 2022" for
    "2022-09".
    """
    if "W" in text:
        return week(text)
    return day(date.fromisoformat(text)) if text.count("-") > 1 else month(date.fromisoformat(f"{text}-01"))


def ordinal(number: int) -> str:
    """The number of one in a row: "1st", "12th", "23rd"."""
    in_teens = number // 10 % 10 == 1
    return f"{number}{'th' if in_teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
