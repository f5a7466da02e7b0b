"""Rows of a large file that can only be judged together: one key twice, IDs written almost alike, two editions.

For each row a hash of 64 bits is kept, whatever its length; rows that share one are then looked at as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.ingest.columns.csv_chunks import LINE
from tiercore.program import Catalogue

ALIKE = {Client: "client_id", Sale: "sale_id", Agreement: "agreement_id"}


def almost_alike(id_: pl.Expr) -> pl.Expr:
    """The same for all IDs that differ only in capitals, spaces, leading zeros or decimals (spreadsheet.plain_form)."""
    bare = id_.str.to_uppercase().str.replace_all(r"\s+", "")
    return bare.str.replace(r"^([0-9]+)\.0$", "${1}").str.replace(r"^0+([0-9])", "${1}")


@dataclass(slots=True)
class Groups:
    """The hashes of one file's rows, chunk by chunk. `stored` are the IDs of its kind that are stored."""

    kind: type[Any]
    key: Sequence[str]
    catalogue: Catalogue
    stored: Iterable[str] = ()
    _lines: list[pl.Series] = field(default_factory=list)
    _keys: list[pl.Series] = field(default_factory=list)
    _forms: list[pl.Series] = field(default_factory=list)
    _paying: list[pl.DataFrame] = field(default_factory=list)
    _hubs: dict[str, str] = field(default_factory=dict)
    _has_odd: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Remember the rows of a chunk: of each line, its key and what it may be alike by."""
        self._lines.append(frame[LINE])
        self._keys.append(frame.select(_hashed([pl.col(name).fill_null("") for name in self.key])).to_series())
        if self.kind in ALIKE:
            self._remember_form(frame[ALIKE[self.kind]])
        if self.kind is SubscriptionLevel:
            self._remember_line(frame)

    def lines(self) -> set[int]:
        """The lines of the rows that share a key, an ID written alike, or a client's line and day, with another."""
        if not self._lines:
            return set()
        lines = pl.concat(self._lines)
        found = set(lines.filter(_shared(pl.concat(self._keys))))
        if self.kind in ALIKE:
            found.update(lines.filter(self._alike()))
        if self._paying:
            paying = pl.concat(self._paying)
            found.update(paying.filter(_shared(paying["hash"]))[LINE])
        return found

    def _remember_form(self, ids: pl.Series) -> None:
        odd = ids.str.contains(r"^0|[a-z\s]|\.0$|[^ -~]").any()
        self._has_odd = self._has_odd or bool(odd)
        forms = ids.to_frame("id").select(almost_alike(pl.col("id"))).to_series() if odd else ids
        self._forms.append(forms.hash())

    def _remember_line(self, frame: pl.DataFrame) -> None:
        for name in frame["product_line"].unique():
            if name not in self._hubs:
                self._hubs[name] = self.catalogue.line_of(name).hub
        hub = pl.col("product_line").replace_strict(self._hubs, return_dtype=pl.String)
        whole = [pl.col("client_id"), hub, pl.col("account"), pl.col("effective_on")]
        self._paying.append(frame.filter(pl.col("mrr_minor") > 0).select(LINE, _hashed(whole).alias("hash")))

    def _alike(self) -> pl.Series:
        """Which rows have an ID that is written almost like another one, of the file or stored."""
        forms, ids = pl.concat(self._forms), pl.concat(self._keys)
        stored = pl.Series("id", list(self.stored), pl.String)
        if not self._has_odd and not stored.str.contains(r"^0|[a-z\s]|\.0$|[^ -~]").any():
            return pl.repeat(False, forms.len(), eager=True)
        pairs = pl.DataFrame({"form": forms, "id": ids})
        if stored.len():
            known = stored.to_frame().select(
                almost_alike(pl.col("id")).hash().alias("form"), _hashed([pl.col("id")]).alias("id")
            )
            pairs = pl.concat([pairs, known])
        several = pairs.unique()["form"]
        several = several.filter(several.is_duplicated()).unique()
        return forms.is_in(several.implode())


def _hashed(columns: Sequence[pl.Expr]) -> pl.Expr:
    """One hash of the columns, each with a seed of its own."""
    whole = columns[0].hash(0)
    for seed, column in enumerate(columns[1:], 1):
        whole = whole ^ column.hash(seed)
    return whole


def _shared(hashes: pl.Series) -> pl.Series:
    """Which hashes occur more than once: mostly none, which sorting shows in a third of the time."""
    ordered = hashes.sort()
    if not (ordered == ordered.shift(1)).any():
        return pl.repeat(False, hashes.len(), dtype=pl.Boolean, eager=True)
    return hashes.is_duplicated()
