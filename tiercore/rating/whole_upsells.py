"""The upsells of one line that state its whole new MRR, and which of them state a rise of it in place of that.

Under deal-based credit an upsell's amount is what its line pays from then on (how-tiers-work#deal-based).
"""

from bisect import bisect_right
from collections.abc import Sequence

from tiercore.facts.entries import Sale
from tiercore.rating.changes import Change, changes_of
from tiercore.rating.credits import Cause, Credit
from tiercore.rating.lines import HeldLevel


class WholeUpsells:
    """Those of one line's sales that its credits count by what they add; sales and levels ascending by day."""

    def __init__(self, sales: Sequence[Sale], levels: Sequence[HeldLevel], credits: Sequence[Credit]) -> None:
        self._ids = {credit.entry_id for credit in credits if credit.opened_by is Cause.NET_UPSELL}
        self._stated = {sale.mrr for sale in sales if sale in self}
        self._changes = list(changes_of(levels)) if self._ids else []

    def __contains__(self, sale: Sale) -> bool:
        return sale.sale_id in self._ids

    def states_difference(self, sale: Sale) -> Change | None:
        """The rise next to the upsell that its amount equals, if no upsell states what the line rose to."""
        if sale not in self:
            return None
        after = bisect_right(self._changes, sale.sold_on, key=lambda change: change.day)
        near = [change for change in self._changes[max(0, after - 1) : after + 1] if change.rise]
        if any(change.level.mrr == sale.mrr for change in near):
            return None
        return next((each for each in near if each.rise == sale.mrr and each.level.mrr not in self._stated), None)


def is_of_unknown_amount(credit: Credit) -> bool:
    """Whether it is unknown what an upsell adds: its credit has the whole amount then."""
    return credit.opened_by is Cause.NET_UPSELL and credit.program_cents is None
