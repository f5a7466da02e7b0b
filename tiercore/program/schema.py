"""The schema of the rules: which parameters exist, their units, and the values they accept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from tiercore.facts.entries import DealType
from tiercore.facts.points import Source
from tiercore.program import values
from tiercore.program.rules import EFFORTS, MinimumSource, OlderLineRate, RetentionCounts
from tiercore.program.values import Parse


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of parameter: its unit (`{name}` stands for the path's last part) and how its values are parsed.

    `required`: the core needs it, so it can't be "not set". `rates`: the rating of credits depends on it.
    `timeless`: it is understood on all days, so that its day affects no credit.
    """

    unit: str
    parse: Parse
    required: bool = True
    rates: bool = False
    timeless: bool = False


_YES_NO = "yes or no"
_DAY = Kind("day of the month", values.whole(1, 28))
_THRESHOLD = Kind("points", values.points, required=False)
_TARGET = Kind("US$", values.dollars, required=False)
_RATE = Kind("points per US$100 of MRR", values.whole(1, 1_000_000), rates=True)
_EARNS = Kind(_YES_NO, values.flag, rates=True)
_COUNTRIES = Kind("countries", values.countries, required=False, rates=True)
_REQUIRED = Kind(_YES_NO, values.flag)
_PERCENT = Kind("percent", values.whole(0, 100), required=False)
_EFFORT = Kind("hundredths of a dollar sold", values.whole(1, 10_000))
_MEASURES = values.choice("customer_dollar_retention", "gross_revenue_retention")

SCHEMA: Mapping[str, Kind] = {
    "version.name": Kind("name", values.text),
    "version.model": Kind("dollars or points", values.choice("dollars", "points")),
    "version.tiers": Kind("tiers, ascending", values.tiers),
    "version.minimums": Kind("sources", values.choices(*get_args(MinimumSource))),
    "thresholds.<tier>.combined": _THRESHOLD,
    **{f"thresholds.<tier>.{source}_minimum": _THRESHOLD for source in get_args(MinimumSource)},
    "thresholds.<tier>.sold_dollars": _TARGET,
    "thresholds.<tier>.managed_dollars": _TARGET,
    "retention.<tier>": _PERCENT,
    "tiers.<tier>.by_invitation": Kind(_YES_NO, values.flag, required=False),
    "tiers.<tier>.certifications": Kind("certifications in the team", values.whole(0, 1_000_000), required=False),
    "tiers.<tier>.retention_score": _PERCENT,
    **{f"rates.{source}.{market}": _RATE for source in Source for market in ("standard", "growth_market")},
    "growth_markets.countries.<list>": _COUNTRIES,
    "growth_markets.decided_by": Kind("partner or client", values.choice("partner", "client"), rates=True),
    "growth_markets.target_percent": Kind("percent of both dollar targets", values.whole(0, 100)),
    "currencies.<currency>": Kind("{name} per US$100", values.amount, required=False, rates=True),
    "editions.<edition>": Kind(
        "spellings of the edition, the one shown first", values.names, rates=True, timeless=True
    ),
    "lines.<line>.name": Kind("name", values.text, rates=True, timeless=True),
    "lines.<line>.editions": Kind("editions, ascending", values.names, rates=True, timeless=True),
    "lines.<line>.aliases": Kind("other names", values.names, rates=True, timeless=True),
    "sold.expire_after_months": Kind("calendar months", values.whole(1, 1200), rates=True),
    "sold.decrease_consumes": Kind("newest or oldest", values.choice("newest", "oldest"), rates=True),
    "sold.rate_follows_origin": _EARNS,
    **{f"sold.earns.{deal_type}": _EARNS for deal_type in DealType},
    "deal_based.applies": _EARNS,
    "deal_based.countries.<list>": _COUNTRIES,
    "deal_based.without_deal_months": Kind("calendar months", values.whole(0, 1200), rates=True),
    "deal_based.older_line_rate": Kind(
        "line or sale", values.choice(*get_args(OlderLineRate)), required=False, rates=True
    ),
    "requirements.certification": _REQUIRED,
    "requirements.membership": _REQUIRED,
    "requirements.tool_usage_median": Kind("tools", values.whole(0, 1000), required=False),
    "requirements.retention_measure": Kind("measure", _MEASURES),
    "requirements.retention_counts": Kind("what counts", values.choice(*get_args(RetentionCounts))),
    "requirements.gold_within_months": Kind("calendar months after joining", values.whole(1, 1200), required=False),
    "requirements.gold_earlier_joined_before": Kind("day of joining", values.a_day, required=False),
    "requirements.gold_earlier_deadline": Kind("last day", values.a_day, required=False),
    **{f"effort.{name}": _EFFORT for name in EFFORTS},
    "awards.tier": Kind("lowest tier", values.tier),
    "awards.managed_dollars": Kind("US$", values.dollars),
    "awards.retention": Kind("percent", values.whole(0, 100)),
    "awards.reviews": Kind("reviews", values.whole(0, 1000)),
    "pipeline.sure_from": Kind("percent", values.whole(0, 100)),
    "pipeline.likely_from": Kind("percent", values.whole(0, 100)),
    "calendar.uptier_day": _DAY,
    "calendar.sampling_day": _DAY,
    "calendar.recalibrations": Kind("days of the year (month-day)", values.month_days),
    "calendar.lookback_months": Kind("calendar months before the recalibration", values.whole(1, 12)),
    "calendar.protection_months": Kind("calendar months", values.whole(0, 120)),
}

_SMALL = r"[a-z][a-z0-9_]*"
_NAME_PATTERNS = {
    "<tier>": _SMALL,
    "<list>": _SMALL,
    "<edition>": _SMALL,
    "<line>": _SMALL,
    "<currency>": r"[A-Z]{3}",
}
_HINTS = {
    "<tier>": "Tiers are written in small letters: platinum",
    "<list>": "Lists are named in small letters: eastern_europe",
    "<edition>": "Editions are listed in small letters: professional",
    "<line>": "Lines are listed in small letters: marketing_hub",
    "<currency>": "Currencies are three capital letters (ISO 4217): EUR",
}
_PATHS = {tuple(path.split(".")): kind for path, kind in SCHEMA.items()}

Path = tuple[str, ...]


@lru_cache(maxsize=1_024)
def kind_of(path: Path) -> Kind | None:
    """The kind of the parameter at this path, None if the schema has none."""
    return next((kind for pattern, kind in _PATHS.items() if len(path) == len(pattern) and _fits(path, pattern)), None)


def is_group(path: Path) -> bool:
    """Whether the schema has parameters below this path."""
    return any(_fits(path, pattern) for pattern in _PATHS if len(pattern) > len(path))


def names_tier(path: Path) -> bool:
    """Whether the second part of a parameter's path names a tier."""
    return path[0] in ("thresholds", "retention", "tiers")


def known_below(path: Path) -> tuple[list[str], str]:
    """The words that may follow this path, and a hint if a name of the operator's choice may follow instead."""
    depth = len(path)
    following = {pattern[depth] for pattern in _PATHS if len(pattern) > depth and _fits(path, pattern)}
    words = sorted(word for word in following if word not in _NAME_PATTERNS)
    return words, next((_HINTS[word] for word in sorted(following) if word in _NAME_PATTERNS), "")


def _fits(path: Path, pattern: Path) -> bool:
    """Whether the path matches the pattern or its beginning."""
    return len(path) <= len(pattern) and all(
        re.fullmatch(_NAME_PATTERNS[expected], part) if expected in _NAME_PATTERNS else part == expected
        for part, expected in zip(path, pattern, strict=False)
    )
