"""The sample as files: ten CSV files that can be imported, and the thresholds as program.toml."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from bot.playground.sample.build import build_sample
from bot.playground.sample.draft_ledger import Sample
from bot.playground.sample.known_by_day import known_on
from bot.playground.sample.thresholds import sample_table
from tiercore.facts.entries import ToolUsage
from tiercore.facts.money import Money

Cell = str | int | date | StrEnum | Money | None

COLUMNS = {
    "partners": "partner_id name country currency joined_on elite_invited_on membership_until",
    "clients": "client_id name country",
    "sales": "sale_id partner_id client_id product_line deal_type motion mrr currency sold_on",
    "subscriptions": "client_id product_line mrr currency effective_on renews_on",
    "agreements": "agreement_id partner_id client_id starts_on ends_on",
    "usage": "client_id month tools_used",
    "certifications": "partner_id certification valid_from valid_until",
    "tiers": "partner_id tier credited_on",
    "pipeline": "deal_id partner_id client_id client_name country product_line motion mrr currency expected_on"
    " probability owner",
    "people": "email name role partner_id",
}


def write_sample(folder: Path, seed: int = 2022, *, known: date | None = None) -> Sample:
    """Write the sample's CSV files and program.toml into the folder; the same seed gives the same bytes.

    With `known`, only what is known on that day.
    """
    sample = sample_known_on(known, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        _write(folder / f"{name}.csv", columns.split(), entries_of(sample, name))
    (folder / "program.toml").write_text(sample_table(), encoding="utf-8", newline="\n")
    return sample


@lru_cache(maxsize=2)
def sample_known_on(day: date | None, seed: int = 2022) -> Sample:
    """What is known of the sample on the day, all of it without one; an entry known on two days is the same object.

    Cached for two days, as one day follows another; nothing changes it.
    """
    sample = _sample(seed)
    return known_on(sample, day) if day else sample


def entries_of(sample: Sample, name: str) -> Sequence[object]:
    """The sample's entries of a file, which is named without its ending."""
    entries: Sequence[object] = sample.levels if name == "subscriptions" else getattr(sample, name)
    return entries


@lru_cache(maxsize=1)
def _sample(seed: int) -> Sample:
    """Cached, because building the sample takes half a second; nothing changes it afterwards."""
    return build_sample(seed)


def _write(path: Path, columns: list[str], entries: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(cells(entry, columns) for entry in entries)


def cells(entry: object, columns: Sequence[str]) -> list[str]:
    """The entry's cells in these columns of its file."""
    return [_cell(entry, column) for column in columns]


def _cell(entry: object, column: str) -> str:
    if column == "currency" and hasattr(entry, "mrr"):
        return str(entry.mrr.currency)
    value: Cell = getattr(entry, column)
    if isinstance(value, Money):
        return value.as_decimal()
    if isinstance(entry, ToolUsage) and isinstance(value, date):
        return f"{value:%Y-%m}"
    return "" if value is None else str(value)
