"""The IDs of many partners as one parameter, a JSON array: a statement is compiled once however many they are."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles


def ids_of(partner_ids: Iterable[str]) -> str:
    """The value of the parameter `partner_ids`."""
    return json.dumps(list(partner_ids))


class OneOf(ColumnElement[bool]):
    """Whether the column has one of the `partner_ids`."""

    inherit_cache = False

    def __init__(self, column: Any) -> None:
        self.column: Any = column
        self.ids: Any = bindparam("partner_ids")


@compiles(OneOf)
def _one_of_json(element: OneOf, compiler: Any, **options: Any) -> str:
    column, ids = compiler.process(element.column, **options), compiler.process(element.ids, **options)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608


@compiles(OneOf, "postgresql")
def _one_of_array(element: OneOf, compiler: Any, **options: Any) -> str:
    column, ids = compiler.process(element.column, **options), compiler.process(element.ids, **options)
    return f"{column} = ANY(ARRAY(SELECT json_array_elements_text(CAST({ids} AS json))))"
