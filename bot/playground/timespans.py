"""Days and spans of time as people type them at the demo's terminal."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

_NUMBERS = {"a": 1, "an": 1, **{word: at for at, word in enumerate("one two three four five six seven".split(), 1)}}


def day_named(text: str) -> date | None:
    """The day of 2022-09-05 or today; None for anything else."""
    try:
        return date.today() if text == "today" else date.fromisoformat(text)  # noqa: DTZ011
    except ValueError:
        return None


def advanced(day: date, text: str) -> date | None:
    """The day that is so much later: "7 days", "a week", "two weeks", "1 month", by default one day; None for anything
    else.
    """
    words = text.lower().split() or ["1"]
    if len(words) == 1:
        words = [*words, "day"] if words[0].isdecimal() or words[0] in _NUMBERS else ["1", *words]
    number, unit = words[0], words[1].rstrip("s")
    count = int(number) if number.isdecimal() else _NUMBERS.get(number, 0)
    if not count or len(words) > 2:
        return None
    match unit:
        case "day" | "week":
            return day + timedelta(count * (7 if unit == "week" else 1))
        case "month":
            return day + relativedelta(months=count)
    return None
