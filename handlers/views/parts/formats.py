"""How names, points, money and days are written for people. Names from the data never act as markup (slack#text)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from babel.numbers import get_currency_symbol

from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import hundredths

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JOINER = "\u2060"
# A set of characters first: Python's engine skips to one of them, and tries the alternatives only there.
_LIVE = re.compile(r"[*_~`@#|\\.:](?:(?<![.:])|(?<=\w.)(?=\S)(?!(?<=\d.)\d)|(?<=:)(?=[\w+'-]+:)(?!(?<=\d:)\d\d(?!\w)))")
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
_RULE = re.compile(r"\b(?:thresholds|retention|tiers|currencies|requirements|deal_based)\.[A-Za-z_]+(?:\.[a-z_]+)?")
_TARGETS = {
    "combined": "combined threshold",
    "sold_dollars": "sold MRR minimum",
    "managed_dollars": "managed MRR minimum",
    "older_line_rate": "the rate of an upsell on another partner's older line",
    "tool_usage_median": "the tool usage minimum",
    "gold_within_months": "the deadline for Gold",
}
_AS_ONCE_STORED = "is not configured"  # in reasons that releases before 0.4 stored
SPOKEN_LIMIT = 1_000


@lru_cache(maxsize=16_384)
def name(text: str, limit: int = 80) -> str:
    """A name from the data on one line, without control or format characters, at most `limit` long."""
    return _clipped(_one_line(text), limit)


def paragraphs(text: str) -> str:
    """What someone wrote, line by line, without control or format characters, and with at most one empty line."""
    lines = [_one_line(line) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
        text = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Cs", "Co", "Cn"))
    elif "  " not in text:  # of all white space, the blank alone is printable
        return text.strip(" ")
    return " ".join(text.split())


def _clipped(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"


@lru_cache(maxsize=16_384)
def escaped(text: str) -> str:
    """A name for a message's `text`, the one place where Slack parses mentions, links, emoji, markup: none is left."""
    return _without_markup(name(text))


def _without_markup(line: str) -> str:
    inert = _LIVE.sub(rf"\g<0>{_JOINER}", line)
    return inert.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spoken(*sentences: str) -> str:
    """A whole answer as a message's `text`, for screen readers and notifications, without any live markup.

    Sentences beyond 1,000 characters in all are left out; the first one is always there.
    """
    spoken_sentences, room = list[str](), SPOKEN_LIMIT
    for sentence in filter(None, map(_one_line, sentences)):
        room -= len(sentence) + 1
        if spoken_sentences and room < 0:
            break
        spoken_sentences.append(sentence)
    return _without_markup(_clipped(" ".join(spoken_sentences), SPOKEN_LIMIT))


@lru_cache(maxsize=4_096)
def points(micropoints: int) -> str:
    """Points as shown, with up to two decimals where there are any: "1,234", "12.5", "−12.62"."""
    return _number(hundredths(micropoints))


def hundredth_points(value: float) -> str:
    """A chart's value in points as shown: "1,234", "12.5"."""
    return _number(round(value * 100))


def _number(hundreds: int) -> str:
    if hundreds >= 0 and not hundreds % 100:
        return f"{hundreds // 100:,}"
    whole, part = divmod(abs(hundreds), 100)
    decimals = f".{part:02d}".rstrip("0") if part else ""
    return f"{'−' if hundreds < 0 else ''}{whole:,}{decimals}"


def signed(micropoints: int) -> str:
    """Points gained or lost: "+45", "−12.5", "±0"."""
    sign = ("+" if micropoints > 0 else "−") if hundredths(abs(micropoints)) else "±"
    return sign + points(abs(micropoints))


def money(amount: Money) -> str:
    """An amount with its currency's sign, cents where there are any: "US$7,500", "€849.90", "¥12,000"."""
    digits = minor_digits(amount.currency)
    whole, part = divmod(abs(amount.minor), 10**digits)
    sign = "−" if amount.minor < 0 else ""
    decimals = f".{part:0{digits}d}" if part else ""
    return f"{sign}{_symbol(amount.currency)}{whole:,}{decimals}"


@lru_cache(maxsize=256)
def _symbol(currency: str) -> str:
    if currency == "USD":
        return "US$"
    symbol = get_currency_symbol(currency, locale="en")
    return f"{symbol} " if symbol[-1].isalpha() else symbol


@lru_cache(maxsize=1_024)
def day(when: date) -> str:
    """A day: "5 Sep 2022"."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """A month: "Sep 2022"."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def tier(tier_name: str | None) -> str:
    """A tier's name, "no tier" for None."""
    return tier_name.capitalize() if tier_name else "no tier"


def credited(tier_name: str | None, since: date | None) -> str:
    """The credited tier, "no tier" if it was taken away, and "no tier on file" where the files name none."""
    return tier(tier_name) if since else "no tier on file"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 sale", "2,000 sales"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def bar(have: int, need: int, *, met: bool, squares: int = 10) -> str:
    """A progress bar of squares, green if `met` and red if not; full only when `need` is reached."""
    filled = squares if need <= 0 else max(0, min(squares, have * squares // need))
    return ("🟩" if met else "🟥") * filled + "⬜" * (squares - filled)


def measured(have: int, need: int, *, met: bool) -> str:
    """A progress bar with its percentage."""
    return f"{bar(have, need, met=met)} {percent(max(0, have), need)}"


def percent(have: int, need: int) -> str:
    """What share of `need` is reached, rounded down so that 100% means all of it."""
    return f"{have * 100 // need if need > 0 else 100}%"


def ahead(when: date, as_of: date) -> str:
    """How far away a day is: "today", "tomorrow", "in 16 days"; "" for a day in the past."""
    days = (when - as_of).days
    if days < 0:
        return ""
    return ("today", "tomorrow")[days] if days < 2 else f"in {count(days, 'day')}"


def due(when: date, as_of: date) -> str:
    """A future day and how far away it is: "21 Sep 2022, in 16 days"."""
    return f"{day(when)}, {left}" if (left := ahead(when, as_of)) else day(when)


def moment(when: datetime) -> str:
    """A moment for people anywhere: "6 Sep 2022, 12:00 UTC"."""
    utc = when.astimezone(UTC)
    return f"{day(utc.date())}, {clock(utc.hour * 60 + utc.minute)} UTC"


def clock(minute: int) -> str:
    """A time of day for a minute of the day: "9:00"."""
    return f"{minute // 60}:{minute % 60:02d}"


def week(iso_week: str) -> str:
    """A week by its Monday: "week of 5 Sep 2022" for "2022-W36"."""
    year, _, number = iso_week.partition("-W")
    return f"week of {day(date.fromisocalendar(int(year), int(number), 1))}"


def possessive(owner: str) -> str:
    """A name as the owner of something: "Partner A's", "Ivy Terrace Schools'"."""
    return f"{owner}'" if owner.endswith("s") else f"{owner}'s"


def upper(text: str) -> str:
    """The text with a capital letter first."""
    return f"{text[:1].upper()}{text[1:]}"


def sentences(notes: Iterable[str]) -> list[str]:
    """Notes and reasons as sentences."""
    return [f"{upper(prose(each)).rstrip('.')}." for each in notes if each]


def listed(items: Sequence[str], last: str = "and") -> str:
    """A list in a sentence: "Gold, Platinum and Diamond", or with another last word."""
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else "".join(items)


@lru_cache(maxsize=1_024)
def rule(path: str) -> str:
    """What people call a number of the rules: "Platinum's sold minimum" for "thresholds.platinum.sold_minimum"."""
    group, *below = path.split(".")
    last = below[-1] if below else group
    noun = _TARGETS.get(last) or last.replace("_", " ")
    match group:
        case "currencies":
            return f"the {last} points table"
        case "retention":
            return f"{tier(last)}'s retention target"
        case "thresholds" | "tiers" if len(below) > 1:
            return f"{tier(below[0])}'s {noun}"
    return noun


@lru_cache(maxsize=4_096)
def prose(text: str) -> str:
    """A note or a reason for people: ISO days become 5 Sep 2022, dotted paths become names of numbers."""
    text = _ISO_DAY.sub(lambda found: _as_day(found.group()), text)
    return _RULE.sub(lambda found: rule(found.group()), text).replace(_AS_ONCE_STORED, "isn't set")


def _as_day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
