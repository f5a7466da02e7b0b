"""The floors of imports, rating and portfolios: the same rows by the barest code that does the same to them."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.scale.work import Stages

ENTRIES = (
    "partner client sale subscription_level agreement tool_usage certification tier_credited pipeline_deal person"
).split()
_CHUNK, _YEAR, _RATE = 50_000, 365, 3


def executemany(stages: "Stages", full: str, empty: str) -> None:
    """The entries of a filled SQLite database into an empty one with our schema, by bare executemany."""
    source, target = sqlite3.connect(full), sqlite3.connect(empty, isolation_level=None)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("BEGIN IMMEDIATE")
    for name, chunk in _chunks(source):
        stages("storing", 0, 0)
        marks = ", ".join("?" * len(chunk[0]))
        target.executemany(f"INSERT INTO {name} VALUES ({marks})", chunk)
        stages("reading the floor's rows", 0, 0)
    stages("storing", 0, 0)
    target.execute("COMMIT")


def _chunks(source: sqlite3.Connection) -> Iterator[tuple[str, list[Any]]]:
    for name in ENTRIES:
        rows = source.execute(f"SELECT * FROM {name}")
        while chunk := rows.fetchmany(_CHUNK):
            yield name, chunk


def copy(stages: "Stages", full: str, url: str) -> None:
    """The entries of a filled SQLite database into an empty PostgreSQL one with our schema, by COPY."""
    import psycopg

    source = sqlite3.connect(full)
    with psycopg.connect(url) as target, target.cursor() as cursor:
        for name, chunk in _chunks(source):
            columns = ", ".join(each[1] for each in source.execute(f"PRAGMA table_info({name})"))
            stages("storing", 0, 0)
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as rows:
                for row in chunk:
                    rows.write_row(row)
            stages("reading the floor's rows", 0, 0)


def plain_loop(stages: "Stages", full: str) -> None:
    """Sales to credits and balances by day, in one loop over tuples: no lots, no falls, no agreements."""
    query = "SELECT partner_id, mrr_minor, julianday(sold_on) - 1721424.5, motion FROM sale ORDER BY partner_id"
    sales = sqlite3.connect(full).execute(query).fetchall()
    stages("rating", 0, 0)
    days: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    credits = []
    for partner_id, minor, day, motion in sales:
        start = int(day)
        points = minor * _RATE * 100
        credits.append((partner_id, start, start + _YEAR, points, motion))
        of_partner = days[partner_id]
        of_partner[start] += points
        of_partner[start + _YEAR] -= points
    for of_partner in days.values():
        ordered = sorted(of_partner)
        list(zip(ordered, accumulate(of_partner[day] for day in ordered), strict=True))
    stages("end", 0, 0)


def kernel(stages: "Stages", full: str) -> None:
    """Every partner's balance on the ten days, by polars over the credits, which are in memory already."""
    import polars

    source = sqlite3.connect(full)
    rows = source.execute("SELECT partner_id, starts_on, lapses_on, micropoints FROM credit").fetchall()
    columns = ["partner", "starts", "lapses", "points"]
    credits = polars.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    stages("portfolio", 0, 0)
    for day in _ten_days(source):
        begun, lapses = polars.col("starts") <= day, polars.col("lapses")
        active = credits.filter(begun & (lapses.is_null() | (lapses > day)))
        active.group_by("partner").agg(polars.col("points").sum())
    stages("end", 0, 0)


def _ten_days(source: sqlite3.Connection) -> range:
    [last] = source.execute("SELECT max(day) FROM timeline WHERE day < 740000").fetchone()
    return range(last - 300, last, 30)


def balances(stages: "Stages", full: str) -> None:
    """Every partner's balance on ten days, by scalar subqueries over our own timelines."""
    source = sqlite3.connect(full)
    source.execute("SELECT count(*) FROM timeline").fetchone()
    stages("portfolio", 0, 0)
    for day in _ten_days(source):
        source.execute(
            "SELECT p.partner_id, (SELECT b.sourced FROM timeline b WHERE b.partner_id = p.partner_id AND b.day <= ? "
            "ORDER BY b.day DESC LIMIT 1) FROM partner p",
            (day,),
        ).fetchall()
    stages("end", 0, 0)
