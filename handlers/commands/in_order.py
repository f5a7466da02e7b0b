"""Every question, in the order in which help lists them: a new one is added here."""

from handlers.commands import (
    changes,
    clients,
    convert,
    digest,
    expiring,
    gap,
    pipeline,
    plan,
    portfolio,
    progress,
    recalibration,
    tier,
    whatif,
    why,
)
from handlers.question import Question

IN_ORDER: tuple[Question, ...] = (
    tier.QUESTION,
    gap.QUESTION,
    whatif.QUESTION,
    plan.QUESTION,
    expiring.QUESTION,
    progress.QUESTION,
    pipeline.QUESTION,
    clients.QUESTION,
    changes.QUESTION,
    recalibration.QUESTION,
    digest.QUESTION,
    portfolio.QUESTION,
    why.QUESTION,
    convert.QUESTION,
)
