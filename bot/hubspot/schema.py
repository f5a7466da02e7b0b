"""A portal's properties and pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.hubspot.answers import Json, NotInForm, strict


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


@dataclass(frozen=True, slots=True)
class PortalSchema:
    """The properties of each object type that the portal has, the pipelines of deals, and why a type is left out."""

    properties: Mapping[str, Sequence[Property]]
    pipelines: Sequence[Pipeline]
    left_out: Mapping[str, str] = field(default_factory=dict)


@strict
def read_properties(body: Json) -> list[Property]:
    """The properties in an answer. Raises NotInForm."""
    return [
        Property(
            str(each["name"]),
            str(each.get("label") or each["name"]),
            str(each["type"]),
            {str(option["value"]): str(option.get("label") or "") for option in each.get("options") or ()},
        )
        for each in _results(body, "properties")
        if not each.get("archived")
    ]


@strict
def read_pipelines(body: Json) -> list[Pipeline]:
    """The pipelines in an answer. Raises NotInForm."""
    return [
        Pipeline(str(each["id"]), str(each.get("label") or ""), tuple(map(_stage, each["stages"])))
        for each in _results(body, "pipelines")
        if not each.get("archived")
    ]


def _results(body: Json, what: str) -> list[Any]:
    found = body.get("results")
    if not isinstance(found, list):
        raise NotInForm(f"it has no list of {what}")
    return found


def _stage(found: Mapping[str, Any]) -> Stage:
    try:
        probability = float((found.get("metadata") or {})["probability"])
    except (KeyError, TypeError, ValueError):
        probability = None
    return Stage(str(found["id"]), str(found.get("label") or ""), probability)
