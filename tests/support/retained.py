"""A retention of given figures, without clients behind it."""

from datetime import date

from tiercore.facts.points import MICRO
from tiercore.rating.install_base import month_of
from tiercore.rating.retention import Retention, RetentionMonth, retention_on


def retained(as_of: date, churn: int, gross: int | None = None, net: int | None = None) -> Retention:
    """What one month left of US$100,000,000, in millionths of a percent; gross and net as churn where not given."""
    gross = churn if gross is None else gross
    net = gross if net is None else net
    return retention_on([RetentionMonth(month_of(as_of) - 1, "USD", 100_00, 100 * MICRO, churn, gross, net)], as_of)
