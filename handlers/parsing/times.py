"""When digests come, as people type it: "monday 9:00 Europe/Berlin", "monthly 15th 8am"; and hours: "22:00-7:00"."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from handlers.question import InvalidInput
from tiercore.notifications.timetable import WEEKDAYS, Rhythm, Schedule
from tiercore.suggestions import nearest

_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:([ap])\.?m\.?|h|uhr)?", re.IGNORECASE)
_SPAN = re.compile(r"(.+?)\s*[-–]\s*(.+)")
_HOURS = 24
_MAX_WORDS = 8
_MAX_WORDS_OF_ONE, _LONGEST = 3, 60  # words and characters of one weekday, time or zone
_NAMED_TIMES = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_FILLERS = frozenset("at every each on the of in for me us my our time send please pls thanks a to and o'clock".split())
_RHYTHMS = {
    **dict.fromkeys(("weekly", "week", "weeks"), Rhythm.WEEKLY),
    **dict.fromkeys(("weekdays", "weekday", "workdays", "workday", "daily"), Rhythm.WEEKDAYS),
    **dict.fromkeys(("monthly", "month", "months"), Rhythm.MONTHLY),
}
_ORDINAL, _LONGEST_MONTH = re.compile(r"\d{1,2}(?:st|nd|rd|th|\.)", re.IGNORECASE), 31
_NAMED_DAYS = {"first": 1, "last": _LONGEST_MONTH}
# Abbreviations stand for a place's time, in summer too: nobody who types EST wants the digest an hour later then.
_PLACES = {
    **dict.fromkeys(("est", "edt", "et", "eastern", "est5edt"), "America/New_York"),
    **dict.fromkeys(("cdt", "ct", "central", "cst6cdt"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt", "mountain", "mst7mdt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt", "pacific", "pst8pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("hst", "hdt"), "Pacific/Honolulu"),
    **dict.fromkeys(("cet", "cest", "met", "mest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    "bst": "Europe/London",
    **dict.fromkeys(("gmt", "z", "zulu"), "UTC"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "msk": "Europe/Moscow",
    "brt": "America/Sao_Paulo",
    "art": "America/Argentina/Buenos_Aires",
}
_SHARED = {
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "ast": ("America/Halifax", "Asia/Riyadh"),
    "sst": ("Pacific/Pago_Pago", "Asia/Singapore"),
}
HOW = "Type it like /digest monday 9:00, /digest weekdays 8am Europe/Berlin or /digest monthly 15th 9:00."


def as_weekday(text: str) -> int | None:
    """The weekday that the word names in full or by three letters or more; Monday is 0. None for other words."""
    prefix = text.casefold().rstrip("s.") if len(text) > 3 else text.casefold()
    found = [at for at, weekday in enumerate(WEEKDAYS) if len(prefix) >= 3 and weekday.startswith(prefix)]
    return found[0] if found else None


def as_minute(text: str) -> int | None:
    """The minute of the day for a time like "9", "9:30", "8am" or "17:05"; None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return _NAMED_TIMES.get(text.strip().casefold())
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
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


def as_timezone(text: str) -> str | None:
    """The IANA zone that the text names in any case, in full, by an unambiguous city or by an abbreviation that one
    place uses; None for anything else.
    """
    folded = text.strip().casefold().replace(" ", "_")
    return None if folded in _SHARED else _PLACES.get(folded) or _zones().get(folded)


def names_a_zone(words: Sequence[str]) -> bool:
    """Whether one of the words is a time zone."""
    return any(as_weekday(word) is None and as_timezone(word) is not None for word in words)


def as_quiet(text: str) -> tuple[int, int] | None:
    """Quiet hours as two minutes of the day, from "22:00-7:00"; None for anything else."""
    found = _SPAN.fullmatch(text.strip())
    ends = (as_minute(found[1]), as_minute(found[2])) if found else (None, None)
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None and ends[0] != ends[1] else None


def as_schedule(words: Sequence[str], default: Schedule) -> Schedule:
    """When the words ask for a digest, completed from `default`; a weekday alone means weekly.

    Raises InvalidInput for an unknown word, and for words that contradict each other.
    """
    rest = [word for word in words if word.casefold().strip(".,!") not in _FILLERS]
    if len(rest) > _MAX_WORDS:
        raise InvalidInput(f"That's too many words. {HOW}")
    rhythm, rest = _rhythm(rest)
    day_of_month, rest = _day_of_month(rest, is_monthly=rhythm is Rhythm.MONTHLY)
    weekday, minute, zone = _time_of_week(rest)
    if weekday is not None and day_of_month not in (None, 1):
        raise InvalidInput("Choose the first such weekday of the month, or a day like 15th, not both.")
    if weekday is not None and rhythm is Rhythm.WEEKDAYS:
        raise InvalidInput("Choose weekdays, Monday to Friday, or one weekday, not both.")
    if rhythm is None and (weekday is not None or day_of_month is not None):
        rhythm = Rhythm.MONTHLY if day_of_month else Rhythm.WEEKLY
    rhythm = rhythm or default.rhythm
    if rhythm is not Rhythm.MONTHLY or weekday is not None:
        day_of_month = None
    elif day_of_month is None and default.rhythm is Rhythm.MONTHLY:
        day_of_month = default.day_of_month
    return Schedule(
        default.weekday if weekday is None else weekday,
        default.minute if minute is None else minute,
        zone or default.timezone,
        rhythm,
        day_of_month,
    )


def _as_rhythm(word: str) -> Rhythm | None:
    """The rhythm that the word names, like "monthly"; None for other words."""
    return _RHYTHMS.get(word.casefold().strip(".,;"))


def _rhythm(words: Sequence[str]) -> tuple[Rhythm | None, list[str]]:
    """The rhythm that is named, and the other words. Raises InvalidInput for two."""
    named = {each for word in words if (each := _as_rhythm(word)) is not None}
    if len(named) > 1:
        raise InvalidInput(f"Choose one: {', '.join(each for each in Rhythm if each in named)}. {HOW}")
    return next(iter(named), None), [word for word in words if _as_rhythm(word) is None]


def _day_of_month(words: list[str], *, is_monthly: bool) -> tuple[int | None, list[str]]:
    """The day of the month that is named, like "15th", and the other words. Of two times of a monthly digest the first
    bare number is a day: "monthly 15 9:00". Raises InvalidInput for a day that no month has.
    """
    is_day = [_ORDINAL.fullmatch(word.strip(",;")) is not None or word.casefold() in _NAMED_DAYS for word in words]
    times = [at for at, word in enumerate(words) if as_minute(word.strip(",;")) is not None]
    numbers = [at for at in times if words[at].isdecimal()]
    if not any(is_day) and is_monthly and len(times) > 1 and numbers:
        is_day[numbers[0]] = True
    if not any(is_day):
        return None, words
    word = words[is_day.index(True)]
    day = _NAMED_DAYS.get(word.casefold()) or int("".join(filter(str.isdecimal, word)))
    if not 1 <= day <= _LONGEST_MONTH:
        raise InvalidInput(f"No month has a day {day}. {HOW}")
    return day, [each for each, day_ in zip(words, is_day, strict=True) if not day_ and each.casefold() != "day"]


def _time_of_week(rest: list[str]) -> tuple[int | None, int | None, str | None]:
    """The weekday, minute and zone that the words name, each None where they don't. Raises InvalidInput."""
    weekday, minute, zone = None, None, None
    while rest:
        size, (day, time, named_zone) = _longest(rest)
        if day is not None:
            weekday = day
        elif time is not None:
            minute = time
        elif named_zone is not None:
            zone = named_zone
        else:
            raise _unknown(rest[0])
        rest = rest[size:]
    return weekday, minute, zone


def _longest(words: Sequence[str]) -> tuple[int, tuple[int | None, int | None, str | None]]:
    """How many of the first words name a weekday, a time ("9:00 AM") or a zone ("New York"), and which."""
    for size in range(min(_MAX_WORDS_OF_ONE, len(words)), 0, -1):
        text = " ".join(words[:size]).strip(",;")
        found = (as_weekday(text), as_minute(text), as_timezone(text)) if len(text) <= _LONGEST else (None, None, None)
        if any(each is not None for each in found):
            return size, found
    return 1, (None, None, None)


def _unknown(word: str) -> InvalidInput:
    """The reply to a word that is no time: which places share an abbreviation, or the weekday that was meant."""
    if places := _SHARED.get(word.casefold()):
        examples = f"{', '.join(places[:-1])} or {places[-1]}"
        return InvalidInput(f"“{word}” is used in several places. Name yours: {examples}.")
    meant = nearest(word.casefold(), WEEKDAYS)
    hint = f"Did you mean {meant.capitalize()}? " if meant else ""
    return InvalidInput(f"“{word[:60]}” isn't a weekday, time or time zone. {hint}{HOW}")
