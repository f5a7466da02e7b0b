"""What an alert blames: expiring points only where they are the cause. What is unknown is never good."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.views import alert as view
from handlers.views import signal as signal_view
from handlers.views.alert import Alert
from tests.support.partner_days import DAY, PartnerDay, lines_of, programs
from tests.support.recalibration import PARTNER, VALID
from tests.support.retained import retained
from tiercore.facts.points import MICRO, Source
from tiercore.notifications.types import AlertRef
from tiercore.program import Program
from tiercore.questions.expiry import Lapse
from tiercore.questions.requirements import Facts
from tiercore.questions.signals import Level, Signal
from tiercore.rating.credits import Cause
from tiercore.rating.timeline import Balance


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


def partner(program: Program, *steps: tuple[date, int]) -> PartnerDay:
    facts = Facts(PARTNER, [VALID], "gold", date(2021, 1, 15), retained(DAY, 95 * MICRO))
    rows = [
        Balance(day.toordinal(), points * MICRO, managed=60 * MICRO, tools_median_twice=8, portals=1)
        for day, points in steps
    ]
    return PartnerDay(facts, tuple(rows), program)


def alert_about(who: PartnerDay, name: str, *lapses: Lapse) -> Alert:
    signal = who.signals.named(name)
    assert signal
    expiry = replace(who.expiry(30), items=lapses)
    return Alert(who.signals, signal, AlertRef("s1", "P1", name, 1), who.changes, expiry)


LAPSE = Lapse("C1", "Acme", "Marketing Hub", Source.SOURCED, 5 * MICRO, DAY + timedelta(3), Cause.SALE_EXPIRED, False)


def test_expiring_points_are_named_where_they_turn_the_figure_red(rules):
    who = partner(rules["set"], (date(2022, 1, 1), 142), (DAY + timedelta(3), 137))
    said = lines_of(view.message(alert_about(who, "gold.combined_threshold", LAPSE)))
    assert any("Acme" in each for each in said)


def test_expiring_points_are_not_named_where_the_rules_raise_the_figure(rules):
    who = partner(rules["raised"], (date(2022, 1, 1), 180), (DAY + timedelta(3), 175))
    alert = alert_about(who, "gold.combined_threshold", LAPSE)
    assert alert.signal.level is Level.SOON
    assert not any("Acme" in each for each in lines_of(view.message(alert)))


def test_an_unknown_signal_is_neither_green_nor_out_of_danger():
    unknown = Signal("gold.certification", "gold", None)
    assert signal_view.mark_of(unknown) == "⚪"
    at_recalibration = Signal("recalibration.2023-07-15", "gold", None, date(2023, 7, 15))
    assert (
        signal_view.headline(at_recalibration, DAY)
        == "Gold can't be judged for the recalibration on 15 Jul 2023, in 25 days"
    )


def test_a_tier_that_is_no_longer_reached_says_which_requirement_it_misses(rules):
    who = partner(rules["set"], (date(2022, 1, 1), 300))
    signal = who.signals.named("reached.platinum")
    assert signal
    assert signal_view.headline(signal, DAY) == "Platinum is no longer reached: combined points not met"


def test_a_fall_at_the_recalibration_says_what_is_missing(rules):
    who = partner(rules["set"], (date(2022, 1, 1), 20))
    alert = alert_about(who, "recalibration.2023-07-15")
    message = view.message(alert)
    assert "Gold falls at the recalibration on 15 Jul 2023, in 25 days: combined points not met" in message.text
    assert "Combined points: 120 short (80 of 200)." in lines_of(message)
    assert "renew" not in message.text
