"""Assembling the Rules of a day from its parameter values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast, get_args

from tiercore.facts.entries import DealType
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import NotConfigured, not_configured
from tiercore.program.parameter import Value
from tiercore.program.rules import (
    EFFORTS,
    AwardRules,
    ConsumeOrder,
    DealRules,
    DecidedBy,
    GoldDeadline,
    Minimum,
    MinimumSource,
    Model,
    OlderLineRate,
    RetentionCounts,
    RetentionMeasure,
    Rules,
    TierRules,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The values on one day, by path, as far as a table has one of that day or an earlier one.

    Reading a value as the wrong type is a programming error.
    """

    values: Mapping[str, Value]

    def required(self, path: str, kind: type[T]) -> T:
        """A value that is always configured."""
        value = self.values[path]
        assert isinstance(value, kind), f"{path} is {value!r}"
        return value

    def optional(self, path: str, kind: type[T]) -> T | NotConfigured:
        """A value that may be not set."""
        value = self.values.get(path, not_configured(path))
        assert isinstance(value, (kind, NotConfigured)), f"{path} is {value!r}"
        return value

    def names(self, path: str) -> tuple[str, ...]:
        """A list of words."""
        return cast(tuple[str, ...], self.required(path, tuple))

    def below(self, prefix: str) -> dict[str, Value]:
        """The values configured below a path, by the last part of their paths."""
        found = {path.removeprefix(prefix): value for path, value in self.values.items() if path.startswith(prefix)}
        return {name: value for name, value in found.items() if not isinstance(value, NotConfigured)}


def rules_of(day: Snapshot) -> Rules:
    """The rules of the day."""
    return Rules(
        version=day.required("version.name", str),
        model=cast(Model, day.required("version.model", str)),
        tiers=tuple(_tier(day, name) for name in day.names("version.tiers")),
        growth_market_by=cast(DecidedBy, day.required("growth_markets.decided_by", str)),
        growth_market_target_percent=day.required("growth_markets.target_percent", int),
        growth_markets=_countries(day, "growth_markets.countries.") or frozenset(),
        expire_after_months=day.required("sold.expire_after_months", int),
        decrease_consumes=cast(ConsumeOrder, day.required("sold.decrease_consumes", str)),
        rate_follows_origin=day.required("sold.rate_follows_origin", bool),
        deal_based=_deal_based(day),
        certification_required=day.required("requirements.certification", bool),
        membership_required=day.required("requirements.membership", bool),
        tool_usage_median=day.optional("requirements.tool_usage_median", int),
        retention_measure=cast(RetentionMeasure, day.required("requirements.retention_measure", str)),
        retention_counts=cast(RetentionCounts, day.required("requirements.retention_counts", str)),
        gold_within_months=day.optional("requirements.gold_within_months", int),
        gold_earlier=_gold_earlier(day),
        awards=_awards(day),
        uptier_day=day.required("calendar.uptier_day", int),
        sampling_day=day.required("calendar.sampling_day", int),
        lookback_months=day.required("calendar.lookback_months", int),
        protection_months=day.required("calendar.protection_months", int),
        sure_from=day.required("pipeline.sure_from", int),
        likely_from=day.required("pipeline.likely_from", int),
        recalibration_days=tuple(_month_day(text) for text in day.names("calendar.recalibrations")),
        earning=frozenset(kind for kind in DealType if day.required(f"sold.earns.{kind}", bool)),
        standard_rates=_rates(day, "standard"),
        growth_market_rates=_rates(day, "growth_market"),
        amounts_per_100_usd=_amounts(day),
        efforts={name: day.required(f"effort.{name}", int) for name in EFFORTS},
    )


def _tier(day: Snapshot, name: str) -> TierRules:
    thresholds, retention = f"thresholds.{name}", f"retention.{name}"
    sources = [source for source in get_args(MinimumSource) if source in day.names("version.minimums")]
    certifications = day.optional(f"tiers.{name}.certifications", int)
    score = day.optional(f"tiers.{name}.retention_score", int)
    return TierRules(
        name=name,
        combined=day.optional(f"{thresholds}.combined", int),
        minimums=tuple(Minimum(source, day.optional(f"{thresholds}.{source}_minimum", int)) for source in sources),
        sold_dollars=day.optional(f"{thresholds}.sold_dollars", Money),
        managed_dollars=day.optional(f"{thresholds}.managed_dollars", Money),
        retention_above=day.optional(retention, int) if retention in day.values else None,
        by_invitation=day.optional(f"tiers.{name}.by_invitation", bool) is True,
        certifications=None if isinstance(certifications, NotConfigured) else certifications,
        retention_score=None if isinstance(score, NotConfigured) else score,
    )


def _gold_earlier(day: Snapshot) -> GoldDeadline | None:
    before = day.optional("requirements.gold_earlier_joined_before", date)
    deadline = day.optional("requirements.gold_earlier_deadline", date)
    if isinstance(before, NotConfigured) or isinstance(deadline, NotConfigured):
        return None
    return GoldDeadline(before, deadline)


def _awards(day: Snapshot) -> AwardRules:
    return AwardRules(
        tier=day.required("awards.tier", str),
        managed_dollars=day.required("awards.managed_dollars", Money),
        retention=day.required("awards.retention", int),
        reviews=day.required("awards.reviews", int),
    )


def _deal_based(day: Snapshot) -> DealRules | None:
    if not day.required("deal_based.applies", bool):
        return None
    rate = day.optional("deal_based.older_line_rate", str)
    return DealRules(
        countries=_countries(day, "deal_based.countries."),
        without_deal_months=day.required("deal_based.without_deal_months", int),
        older_line_rate=rate if isinstance(rate, NotConfigured) else cast(OlderLineRate, rate),
    )


def _countries(day: Snapshot, prefix: str) -> frozenset[str] | None:
    """The countries of all lists below the prefix, None without any list."""
    lists = day.below(prefix)
    return frozenset(code for name in lists for code in day.names(f"{prefix}{name}")) if lists else None


def _rates(day: Snapshot, market: str) -> dict[Source, int]:
    return {source: day.required(f"rates.{source}.{market}", int) for source in Source}


def _amounts(day: Snapshot) -> dict[str, Money]:
    return {code: day.required(f"currencies.{code}", Money) for code in day.below("currencies.")}


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
