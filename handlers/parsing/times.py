"""A time of the week as people type it: "monday 9:00 Europe/Berlin", "fri 8am", "22:00-7:00"."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from handlers.question import InvalidInput
from tiercore.notifications.timetable import WEEKDAYS, Weekly

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_SPAN = re.compile(r"(.+?)\s*[-–]\s*(.+)")
_HOURS = 24
_MAX_WORDS = 8
HOW = "Type it like /digest monday 9:00, or /digest fri 8am Europe/Berlin."


def as_weekday(text: str) -> int | None:
    """The weekday that the word names in full or by three letters or more; Monday is 0. None for other words."""
    prefix = text.casefold().rstrip("s.") if len(text) > 3 else text.casefold()
    found = [at for at, weekday in enumerate(WEEKDAYS) if len(prefix) >= 3 and weekday.startswith(prefix)]
    return found[0] if found else None


def as_minute(text: str) -> int | None:
    """The minute of the day for a time like "9", "9:30", "8am" or "17:05"; None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < _HOURS and minute < 60 else None


@cache
def _zones() -> dict[str, str]:
    """Every zone by its name in lower case, and by its city where only one zone has that city."""
    hidden = (
        "Etc/",
        "GMT",
        "localtime",
        "Factory",
    )  # Etc/GMT+2 is two hours *behind* GMT, which is not what GMT+2 means
    zones = [zone for zone in available_timezones() if zone == "Etc/UTC" or not zone.startswith(hidden)]
    cities = Counter(zone.casefold().rpartition("/")[2] for zone in zones)
    named = {zone.casefold().rpartition("/")[2]: zone for zone in zones}
    return {city: named[city] for city, number in cities.items() if number == 1} | {
        zone.casefold(): zone for zone in zones
    }


# What people call the time of a place, summer and winter. tzdata's own EST, MST and HST never change their clocks.
_PLACES = {
    **dict.fromkeys(("est", "edt", "et", "est5edt"), "America/New_York"),
    **dict.fromkeys(("ct", "cdt", "cst6cdt"), "America/Chicago"),
    **dict.fromkeys(("mt", "mdt", "mst7mdt"), "America/Denver"),
    **dict.fromkeys(("pt", "pst", "pdt", "pst8pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    **dict.fromkeys(("cet", "cest", "met", "mest"), "Europe/Brussels"),
    **dict.fromkeys(("eet", "eest"), "Europe/Athens"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    "hst": "Pacific/Honolulu",
    "jst": "Asia/Tokyo",
    "sgt": "Asia/Singapore",
}
# These are the time of several places.
_AMBIGUOUS = {
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Costa_Rica"),
    "mst": ("America/Denver", "America/Phoenix"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"),
    "gmt": ("Europe/London", "Africa/Abidjan", "UTC"),
    "wst": ("Australia/Perth", "Pacific/Apia"),
}


def as_timezone(text: str) -> str | None:
    """The IANA zone that the text names in any case, in full, by an unambiguous city, or by what people call its time;
    None for anything else.
    """
    name = text.strip().casefold().replace(" ", "_")
    return None if name in _AMBIGUOUS else _PLACES.get(name) or _zones().get(name)


def names_a_zone(words: Sequence[str]) -> bool:
    """Whether one of the words is a time zone."""
    return any(as_weekday(word) is None and as_timezone(word) is not None for word in words)


def as_quiet(text: str) -> tuple[int, int] | None:
    """Quiet hours as two minutes of the day, from "22:00-7:00"; None for anything else."""
    found = _SPAN.fullmatch(text.strip())
    ends = (as_minute(found[1]), as_minute(found[2])) if found else (None, None)
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None and ends[0] != ends[1] else None


def as_weekly(words: Sequence[str], default: Weekly) -> Weekly:
    """The time of the week that the words name, completed from `default`. Raises InvalidInput for an unknown word."""
    weekday, minute, zone = default.weekday, default.minute, default.timezone
    if len(words) > _MAX_WORDS:
        raise InvalidInput(f"That's too many words. {HOW}")
    for word in words:
        day, time, named_zone = as_weekday(word), as_minute(word), as_timezone(word)
        if day is not None:
            weekday = day
        elif time is not None:
            minute = time
        elif named_zone is not None:
            zone = named_zone
        elif word.casefold() in _AMBIGUOUS:
            *others, last = _AMBIGUOUS[word.casefold()]
            places = f"{', '.join(others)} or {last}"
            raise InvalidInput(f"“{word}” is the time of several places. Which one: {places}? {HOW}")
        elif word.casefold() not in ("at", "every", "weekly", "on"):
            raise InvalidInput(f"“{word[:60]}” isn't a weekday, time or time zone. {HOW}")
    return Weekly(weekday, minute, zone)
