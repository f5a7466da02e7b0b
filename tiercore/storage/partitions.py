"""Hash partitions of the large tables by partner, on PostgreSQL (running#partitions).

A partitioned table has no index across its partitions, so its key carries the partner, and only imports, which run one
at a time and look an entry up by its ID first, keep IDs unique.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import tiercore.storage.tables  # noqa: F401  (registers the tables in the metadata)
from tiercore.storage.engine import is_sqlite

PARTITIONED = ("sale", "agreement", "credit", "timeline", "retention", "correction", "correction_row")
MOST_PARTITIONS = 1024


class CannotPartition(ValueError):
    """The number of partitions can't be had; the message says why."""


@dataclass(frozen=True, slots=True)
class _Policy:
    """A row-level security policy and the table that it is of."""

    table: str
    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class _Furniture:
    """What a table has beside its rows and its key, as statements that give it to the table of that name."""

    indexes: Sequence[str]
    foreign_keys: Sequence[str]
    grants: Sequence[str]
    sequences: Sequence[str]
    policies: Sequence[_Policy]


def partition_count(connection: Connection) -> int:
    """How many hash partitions the large tables have; 0 where they aren't partitioned, as on SQLite."""
    if is_sqlite(connection.engine.url):
        return 0
    counted = text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'sale'::regclass")
    return int(connection.scalar(counted) or 0)


def repartition(connection: Connection, count: int) -> bool:
    """Give the large tables `count` hash partitions by partner, 0 for none, in this transaction; all rows stay.

    False if it is so already. Raises CannotPartition, also where an ID is used twice and has to be unique again.
    """
    if is_sqlite(connection.engine.url):
        raise CannotPartition("SQLite has no partitions: set TIERBOT_DATABASE_URL to a PostgreSQL database")
    if not 0 <= count <= MOST_PARTITIONS or count == 1:
        raise CannotPartition(f"use 2 to {MOST_PARTITIONS} partitions, or 0 for none")
    if partition_count(connection) == count:
        return False
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(PARTITIONED)} IN ACCESS EXCLUSIVE MODE")
    outside = dict.fromkeys(each for name in PARTITIONED for each in _policies_about(connection, name))
    for each in outside:
        connection.exec_driver_sql(f"ALTER POLICY {each.name} ON {each.table} USING (false)")
    foreign_keys = [each for name in PARTITIONED for each in _make_again(connection, name, count)]
    for each in outside:
        _execute(connection, f"ALTER POLICY {each.name} ON {each.table} USING ({each.condition})")
    for statement in foreign_keys:  # their check of the rows goes by the policies
        _execute(connection, statement)
    for name in PARTITIONED:
        connection.exec_driver_sql(f"ANALYZE {name}")
    return True


def _make_again(connection: Connection, name: str, count: int) -> Sequence[str]:
    """Make the table again with so many partitions; its indexes go on after its rows. Returns its foreign keys."""
    furniture = _furniture(connection, name)
    by = " PARTITION BY HASH (partner_id)" if count else ""
    connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_before")
    for child in _children(connection, f"{name}_before"):
        connection.exec_driver_sql(f"ALTER TABLE {child} RENAME TO {child}_before")
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {name}_before INCLUDING DEFAULTS){by}")
    for number in range(count):
        bounds = f"FOR VALUES WITH (MODULUS {count}, REMAINDER {number})"
        connection.exec_driver_sql(f"CREATE TABLE {name}_p{number} PARTITION OF {name} {bounds}")
    connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM {name}_before")  # noqa: S608
    for statement in furniture.sequences:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"DROP TABLE {name}_before")
    key = ", ".join(_key(name, partitioned=count > 0))
    try:
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {name}_pkey PRIMARY KEY ({key})")
    except IntegrityError as error:
        raise CannotPartition(f"{name}: an ID is used twice: {str(error.orig).splitlines()[-1]}") from error
    for statement in (*furniture.indexes, *furniture.grants):
        _execute(connection, statement)
    for table in (name, *(f"{name}_p{number}" for number in range(count))):
        _secure(connection, table, furniture.policies)
    return furniture.foreign_keys


def _key(name: str, *, partitioned: bool) -> Sequence[str]:
    """The columns of the table's primary key; where it is partitioned, the partner is one of them."""
    own = [column.name for column in SQLModel.metadata.tables[name].primary_key]
    return [*own, "partner_id"] if partitioned and "partner_id" not in own else own


def _secure(connection: Connection, table: str, policies: Sequence[_Policy]) -> None:
    """Row-level security for the table. A partition has it, too: read by its own name, it shows no more."""
    for setting in ("ENABLE", "FORCE"):
        connection.exec_driver_sql(f"ALTER TABLE {table} {setting} ROW LEVEL SECURITY")
    for each in policies:
        _execute(connection, f"CREATE POLICY {each.name} ON {table} USING ({each.condition})")


def _furniture(connection: Connection, name: str) -> _Furniture:
    return _Furniture(
        indexes=[each.replace(" ON ONLY ", " ON ", 1) for each in _texts(connection, _INDEXES, name)],
        foreign_keys=list(_texts(connection, _FOREIGN_KEYS, name)),
        grants=list(_texts(connection, _GRANTS, name)),
        sequences=list(_texts(connection, _SEQUENCES, name)),
        policies=[_Policy(*row) for row in connection.execute(text(_POLICIES_OF), {"name": name})],
    )


def _policies_about(connection: Connection, name: str) -> Iterator[_Policy]:
    """The policies of other tables that look into this one."""
    return (_Policy(*row) for row in connection.execute(text(_POLICIES_ABOUT), {"name": name}))


def _children(connection: Connection, name: str) -> Sequence[str]:
    return list(_texts(connection, _CHILDREN, name))


def _texts(connection: Connection, query: str, name: str) -> Iterator[str]:
    return (str(each) for each in connection.scalars(text(query), {"name": name}))


def _execute(connection: Connection, statement: str) -> None:
    """Run a statement that may contain what the driver would take for a parameter."""
    connection.exec_driver_sql(statement.replace("%", "%%"))


_CHILDREN = "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = CAST(:name AS regclass)"
_INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = CAST(:name AS regclass) AND NOT indisprimary ORDER BY indexrelid"""
_FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = CAST(:name AS regclass) AND contype = 'f' AND conparentid = 0
    ORDER BY conname"""
_GRANTS = """
    SELECT format('GRANT %s ON %s TO %s', privilege_type, oid::regclass, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE
        quote_ident(pg_get_userbyid(grantee)) END)
    FROM pg_class, aclexplode(relacl) WHERE oid = CAST(:name AS regclass) AND grantee <> relowner"""
_SEQUENCES = """
    SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', pg_depend.objid::regclass, refobjid::regclass, attname)
    FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    JOIN pg_class sequence ON sequence.oid = pg_depend.objid AND sequence.relkind = 'S'
    WHERE refobjid = CAST(:name AS regclass) AND deptype = 'a'"""
_POLICIES_OF = """
    SELECT polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid) FROM pg_policy
    WHERE polrelid = CAST(:name AS regclass)"""
_POLICIES_ABOUT = """
    SELECT DISTINCT polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid) FROM pg_policy
    JOIN pg_depend ON classid = 'pg_policy'::regclass AND objid = pg_policy.oid
    WHERE refobjid = CAST(:name AS regclass) AND polrelid <> CAST(:name AS regclass)"""
