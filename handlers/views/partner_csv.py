"""A portfolio as a CSV file for spreadsheets, in which no cell is taken for a formula (how-tiers-work#portfolio)."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable

from handlers.views.parts.formats import name
from handlers.views.parts.partner_state import matters, to_do_of
from tiercore.facts.points import as_decimal
from tiercore.portfolio.state import SOON, PartnerState, StatesPage

BOM = "\ufeff"  # without it, spreadsheets read accents wrongly
_FORMULA = frozenset("=+-@\t\r")
_COLUMNS: tuple[tuple[str, Callable[[PartnerState], str]], ...] = (
    ("partner_id", lambda each: _text(each.partner.partner_id)),
    ("partner", lambda each: _text(each.partner.name)),
    ("credited_tier", lambda each: _text(each.credited_tier or "")),
    ("performing_tier", lambda each: _text((each.performing_tier or "") if each.is_decided else "unknown")),
    ("points", lambda each: as_decimal(each.combined)),
    ("next_tier", lambda each: _text(each.next_tier or "")),
    ("points_missing", lambda each: "" if each.missing is None else as_decimal(each.missing)),
    ("close", lambda each: _yes(each.is_close)),
    ("at_risk", lambda each: "unknown" if each.is_unjudged else _yes(each.is_at_risk)),
    ("what_matters", lambda each: _text(matters(each))),
    ("what_to_do", lambda each: "" if (act := to_do_of(each)) == "–" else _text(act)),
    ("verdict_on", lambda each: each.day.isoformat()),
    ("points_at_stake", lambda each: as_decimal(each.at_stake) if each.is_at_risk else ""),
    ("days_left", lambda each: "" if each.days_left is None else str(each.days_left)),
    ("red_on", lambda each: each.red_on.isoformat() if each.red_on else ""),
    ("red", lambda each: _text("; ".join(each.red))),
    (f"points_expiring_in_{SOON}_days", lambda each: "unknown" if each.expiring is None else as_decimal(each.expiring)),
    ("points_moved_in_7_days", lambda each: as_decimal(each.moved)),
    ("cams", lambda each: _text("; ".join(each.cams))),
)


def csv_of(page: StatesPage) -> bytes:
    """All rows of the page, in UTF-8 with a byte order mark."""
    return written([head for head, _ in _COLUMNS], ([cell(each) for _, cell in _COLUMNS] for each in page.rows))


def written(head: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The rows as CSV with CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return (BOM + out.getvalue()).encode()


def safe(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet may take it for a formula, by a full-width sign, too."""
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first[:1] in _FORMULA or text[:1] in _FORMULA else text


def _text(text: str) -> str:
    return safe(name(text, 400)) if text else ""


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
