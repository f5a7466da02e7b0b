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

CLASSES_IN_WORDS = {Likelihood.SURE: "sure only:", Likelihood.LIKELY: "sure and likely:", Likelihood.ALL: "all:"}


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


def if_closed(projection: Projection, combined: int, when: date) -> str:
    """ "If all of the pipeline closes: 512 on 15 Jan 2023"."""
    which = {
        Likelihood.SURE: "If the sure deals close",
        Likelihood.LIKELY: "If the likely deals close",
        Likelihood.ALL: "If all of the pipeline closes",
    }[projection.likelihood]
    return f"{which}: {points(with_class(projection, combined, when))} on {day(when)}"
