"""What there is to tell about credit days and recalibrations, as plain values."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Reminder(NamedTuple):
    """That so many days before a recalibration the tier is in danger."""

    recalibration: date
    days: int


@dataclass(frozen=True, slots=True)
class CreditNews:
    """What there is to tell of a partner on a day: the credit days with an outcome, those that can't be judged, and a
    reminder.
    """

    partner_id: str
    told: tuple[date, ...] = ()
    not_judged: tuple[date, ...] = ()
    reminder: Reminder | None = None


@dataclass(frozen=True, slots=True)
class CreditDayMessage:
    """A message about a credit day that was sent under `key`, and the `tier` that it gave by the numbers."""

    key: str
    team_id: str
    target: str
    subscription_id: str
    partner_id: str
    day: date
    tier: str | None
