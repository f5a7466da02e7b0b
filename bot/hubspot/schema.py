"""A portal's properties and pipelines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.hubspot.answers import Json, NotInForm


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its name, its label for people, its type ("enumeration", "number", "date" …), and its values by their
    labels where it is an enumeration.
    """

    name: str
    label: str
    type: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `probability` is that of winning, None where it has none."""

    stage_id: str
    label: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline and its stages, in their order."""

    pipeline_id: str
    label: str
    stages: tuple[Stage, ...]


def read_properties(body: Json) -> list[Property]:
    """The properties in an answer. Raises NotInForm."""
    try:
        return [
            Property(
                each["name"],
                str(each.get("label") or each["name"]),
                str(each["type"]),
                {str(option["value"]): str(option.get("label") or "") for option in each.get("options") or ()},
            )
            for each in body["results"]
            if not each.get("archived")
        ]
    except (KeyError, TypeError) as error:
        raise NotInForm(f"a property has no {error}") from None


def read_pipelines(body: Json) -> list[Pipeline]:
    """The pipelines in an answer. Raises NotInForm."""
    try:
        return [
            Pipeline(str(each["id"]), str(each.get("label") or ""), tuple(map(_stage, each["stages"])))
            for each in body["results"]
            if not each.get("archived")
        ]
    except (KeyError, TypeError) as error:
        raise NotInForm(f"a pipeline has no {error}") from None


def _stage(found: Mapping[str, Any]) -> Stage:
    try:
        probability = float((found.get("metadata") or {})["probability"])
    except (KeyError, TypeError, ValueError):
        probability = None
    return Stage(str(found["id"]), str(found.get("label") or ""), probability)
