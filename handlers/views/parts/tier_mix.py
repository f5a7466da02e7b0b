"""How many partners hold each tier: as a chart, and in words."""

from handlers.views.parts.chart import Chart, Series
from handlers.views.parts.formats import count, tier
from tiercore.portfolio.state import StatesPage


def chart_of(page: StatesPage) -> Chart:
    """A bar for each credited tier, the highest first."""
    held = [(_label(name), number) for name, number in page.mix]
    return Chart(
        title=f"Credited tiers of {count(page.total, 'partner')}",
        categories=tuple(label for label, _ in held),
        series=(Series("Partners", tuple(float(number) for _, number in held)),),
        projected_from=len(held),
        y_label="Partners",
        kind="bar",
    )


def mix_in_words(page: StatesPage) -> str:
    """The same in words: "2 Diamond, 14 Gold, 3 without a tier"."""
    return ", ".join(f"{number:,} {_label(name) if name else 'without a tier'}" for name, number in page.mix)


def _label(name: str | None) -> str:
    return tier(name) if name else "No tier"
