"""The words for deals that aren't closed yet, in projections (pipeline#classes)."""

from datetime import date

from handlers.views.parts.formats import day, points
from tiercore.questions.pipeline import CLASSES, Likelihood, Pipeline, Projection

PHRASES = {
    Likelihood.SURE: "the sure deals",
    Likelihood.LIKELY: "the likely deals",
    Likelihood.ALL: "all open deals",
}
SERIES = {
    Likelihood.SURE: "With sure deals",
    Likelihood.LIKELY: "With likely deals",
    Likelihood.ALL: "With all deals",
}

_FEWER = {Likelihood.SURE: "sure ones alone", Likelihood.LIKELY: "sure and likely ones"}


def distinct(pipeline: Pipeline) -> list[Projection]:
    """The classes that count more deals than the one before: those that a chart shows."""
    found, before = list[Projection](), 0
    for likelihood in CLASSES:
        each = pipeline.of(likelihood)
        if each.count > before:
            found.append(each)
            before = each.count
    return found


def with_class(projection: Projection, combined: int, when: date) -> int:
    """The combined points of a day with the deals of the class."""
    return combined + projection.added_on(when).combined


def if_closed(pipeline: Pipeline) -> str:
    """ "If all of the pipeline closes: 512 points on 15 Jan 2023 (sure: 400, sure and likely: 450)"; empty for none."""
    if pipeline.held or not pipeline.deals:
        return ""
    *fewer, whole = distinct(pipeline)  # the last one counts all
    parts = [f"{_FEWER[each.likelihood]}: {_at_review(each, pipeline)}" for each in fewer]
    said = f"If all of the pipeline closes: {_at_review(whole, pipeline)} points on {day(pipeline.review)}"
    return said + (f" ({', '.join(parts)})" if parts else "")


def _at_review(projection: Projection, pipeline: Pipeline) -> str:
    return points(with_class(projection, pipeline.at_review, pipeline.review))
