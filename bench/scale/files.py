"""The generated rows, written as text in large pieces: memory stays bounded, whatever the number of rows."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

HEADERS: Mapping[str, str] = {
    "partners": "partner_id,name,country,currency,joined_on,elite_invited_on,membership_until",
    "clients": "client_id,name,country",
    "sales": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on",
    "subscriptions": "client_id,product_line,mrr,currency,effective_on,renews_on",
    "agreements": "agreement_id,partner_id,client_id,starts_on,ends_on",
    "usage": "client_id,month,tools_used",
    "certifications": "partner_id,certification,valid_from,valid_until",
    "tiers": "partner_id,tier,credited_on",
    "pipeline": "deal_id,partner_id,client_id,client_name,country,product_line,motion,mrr,currency,expected_on,"
    "probability,owner",
    "people": "email,name,role,partner_id",
}
_PIECE = 20_000  # rows kept of a file before they are written


class ProgramFiles:
    """The ten files of a folder, open for writing. `rows[name]` takes lines of CSV, `flush_full` writes long lists."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.rows: dict[str, list[str]] = {name: [header] for name, header in HEADERS.items()}
        self.counts = dict.fromkeys(HEADERS, -1)  # the header is no row
        self._files: dict[str, TextIO] = {
            name: (folder / f"{name}.csv").open("w", encoding="utf-8", newline="\n") for name in HEADERS
        }

    def flush_full(self, piece: int = _PIECE) -> None:
        """Write the lists that have at least `piece` rows, and empty them."""
        for name, rows in self.rows.items():
            if len(rows) >= piece:
                self.counts[name] += len(rows)
                self._files[name].write("\n".join(rows) + "\n")
                rows.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.flush_full(1)
        finally:
            for file in self._files.values():
                file.close()
