"""Rows of a large file that can only be judged together: one key twice, IDs written almost alike, two editions.

For each row a hash of 32 bits is kept, whatever its length; rows that share one are then looked at as they are.
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
    _lines: list[range | pl.Series] = field(default_factory=list)
    _keys: list[pl.Series] = field(default_factory=list)
    _forms: list[pl.Series] = field(default_factory=list)
    _paying: list[pl.Series] = field(default_factory=list)  # of rows that don't pay, nothing
    _hubs: dict[str, str] = field(default_factory=dict)
    _has_odd: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Remember the rows of a chunk: of each line, its key and what it may be alike by."""
        self._lines.append(_compact(frame[LINE]))
        self._keys.append(frame.select(_hashed([pl.col(name).fill_null("") for name in self.key])).to_series())
        if self.kind in ALIKE:
            self._remember_form(frame[ALIKE[self.kind]], self._keys[-1])
        if self.kind is SubscriptionLevel:
            self._remember_line(frame)

    def lines(self) -> set[int]:
        """The lines of the rows that share a key, an ID written alike, or a client's line and day, with another."""
        if not self._lines:
            return set()
        found = self._with(self._keys, _twice(pl.concat(self._keys)))
        if self.kind in ALIKE:
            found |= self._alike()
        if self._paying:
            found |= self._with(self._paying, _twice(pl.concat(self._paying)))
        return found

    def _with(self, hashes: Sequence[pl.Series], wanted: pl.Series) -> set[int]:
        """The lines with one of the hashes."""
        if not wanted.len():
            return set()
        both, found = zip(self._lines, hashes, strict=True), set[int]()
        for lines, of_lines in both:
            at = of_lines.is_in(wanted.implode()).fill_null(False).arg_true()
            found.update(lines[each] for each in at)
        return found

    def _remember_form(self, ids: pl.Series, keys: pl.Series) -> None:
        if not _are_odd(ids):
            self._forms.append(keys)  # what such IDs are alike by is themselves
            return
        self._has_odd = True
        self._forms.append(ids.to_frame("id").select(_hashed([almost_alike(pl.col("id"))])).to_series())

    def _remember_line(self, frame: pl.DataFrame) -> None:
        for name in frame["product_line"].unique():
            if name not in self._hubs:
                self._hubs[name] = self.catalogue.line_of(name).hub
        hub = pl.col("product_line").replace_strict(self._hubs, return_dtype=pl.String)
        whole = [pl.col("client_id"), hub, pl.col("account"), pl.col("effective_on")]
        self._paying.append(frame.select(pl.when(pl.col("mrr_minor") > 0).then(_hashed(whole))).to_series())

    def _alike(self) -> set[int]:
        """The lines of the rows whose ID is written almost like another one, of the file or stored."""
        stored = pl.Series("id", list(self.stored), pl.String)
        if not self._has_odd and not _are_odd(stored):
            return set()
        forms, id_ = pl.concat(self._forms), pl.col("id")
        pairs = pl.DataFrame({"form": forms, "id": pl.concat(self._keys)})
        known = stored.to_frame().select(_hashed([almost_alike(id_)]).alias("form"), _hashed([id_]).alias("id"))
        return self._with(self._forms, _twice(pl.concat([pairs, known]).unique()["form"]))


def _are_odd(ids: pl.Series) -> bool:
    """Whether any of the IDs may be written otherwise than `almost_alike` has it."""
    return bool(ids.str.contains(r"^0|[a-z\s]|\.0$|[^ -~]").any())


def _hashed(columns: Sequence[pl.Expr]) -> pl.Expr:
    """One hash of 32 bits of the columns, each with a seed of its own: some rows share one by chance."""
    whole = columns[0].hash(0)
    for seed, column in enumerate(columns[1:], 1):
        whole = whole ^ column.hash(seed)
    return (whole & 0xFFFF_FFFF).cast(pl.UInt32)


def _compact(lines: pl.Series) -> range | pl.Series:
    """The lines, as a range if they follow each other."""
    if lines.len() and lines[-1] - lines[0] + 1 == lines.len():
        return range(lines[0], lines[-1] + 1)
    return lines


def _twice(hashes: pl.Series) -> pl.Series:
    """The hashes that occur more than once."""
    ordered = hashes.drop_nulls().sort(in_place=True)
    first, second = ordered.slice(0, max(ordered.len() - 1, 0)), ordered.slice(1)
    return second.filter(first == second).unique()
