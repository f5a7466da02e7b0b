"""What a loss of points means for the tier, and what can't be judged."""

from handlers.views.parts.footer import not_set
from handlers.views.parts.formats import day, due, prose, tier, upper
from handlers.views.parts.reasons import have_of_need, in_full
from handlers.views.parts.requirement import turns_red
from tiercore.questions.progress import Loss, Progress
from tiercore.questions.requirements import FIGURES


def consequences(progress: Progress) -> list[str]:
    """What is below the credited tier today, what a loss means, and what can't be judged, a line each."""
    lines = []
    if amiss := progress.amiss:
        lines.append(f"🔴 Below {tier(progress.credited_tier)} today: {in_full(amiss, progress.as_of)}.")
    if progress.loss:
        lines.append(f"🔴 {_after(progress.loss, progress)}")
        lines += [f"🔴 {each}" for each in _by_points(progress.loss, progress)]
    elif progress.undecided:
        lines.append(f"⚫ Can't be judged from {day(progress.undecided.day)}: {prose(progress.undecided.reason)}")
    if progress.open and not progress.held:
        lines.append(f"⚪ Can't be judged today: {in_full(progress.open, progress.as_of)}.")
    if progress.reached.tier is None and progress.unjudged:
        lines.append(f"⚫ {not_set(progress.unjudged)}.")
    return lines


def _after(loss: Loss, progress: Progress) -> str:
    """The tier after the loss, and when a credited tier can be lowered because of it (how-tiers-work#recalibration)."""
    credited = progress.credited_tier
    review = f"the credited tier, {tier(credited)}, is next reviewed on {day(progress.next_recalibration)}"
    if progress.review_after_loss not in (None, progress.next_recalibration):
        review += f", and on {day(progress.review_after_loss)} for the first time after this fall"
    if loss.after is None:
        return f"{upper(review)}."
    unknown = loss.after.tier is None and loss.after.undecided
    remaining = "a tier that can't be judged" if unknown else tier(loss.after.tier)
    falls = f"The performing tier falls from {tier(loss.tier)} to {remaining}"
    falls += f" on {due(loss.day, progress.as_of)}: {in_full(loss.causes, progress.as_of)}"
    return f"{falls}; {review}." if credited not in (None, loss.after.tier) else f"{falls}."


def _by_points(loss: Loss, progress: Progress) -> list[str]:
    """The first figure that turns red, where the tier is lost earlier for another reason."""
    breach = next(iter(progress.breaches), None)
    if breach is None or any(each.name in FIGURES for each in loss.causes):
        return []
    turn = turns_red(breach.tier, breach.requirement.name, day(breach.day), raised=breach.is_raised)
    return [f"By points alone, {turn}: {have_of_need(breach.requirement)}."]
