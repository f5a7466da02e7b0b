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
from tiercore.questions.hindsight import Correction, Hindsight, KnownAt
from tiercore.questions.requirements import Facts, Requirement, State, Unit
from tiercore.questions.signals import Level, Signal
from tiercore.rating.credits import Cause
from tiercore.rating.hindsight import NO_SHIFT, Shift
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


def corrected(alert: Alert, *amounts: int) -> Alert:
    """The alert after imports that each added so many points in hindsight."""
    shifts = [Shift(sourced=each * MICRO) for each in amounts]
    found = tuple(Correction(number, DAY, "import", each, NO_SHIFT) for number, each in enumerate(shifts, 2))
    hindsight = Hindsight(KnownAt(DAY - timedelta(7)), DAY - timedelta(30), reaches=True, corrections=found)
    return replace(alert, changes=replace(alert.changes, hindsight=hindsight))


def blamed(alert: Alert) -> list[str]:
    said = (f"{each.rstrip('.')}." for each in lines_of(view.message(alert)) if each.startswith("Because of"))
    return list(dict.fromkeys(said))


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((-30,), ["Because of a correction, −30: import of 20 Jun 2023."]),
        (
            (-50, 10),
            ["Because of 2 corrections, −40 in all: +10, import of 20 Jun 2023; −50, import of 20 Jun 2023."],
        ),
        ((-30, 30), []),
        ((-30, 40), []),
        ((-5,), []),  # without it, 195 points of 200 are too few, too
    ],
)
def test_corrections_are_the_cause_of_a_fall_only_where_the_figure_would_be_met_without_them(rules, amounts, said):
    who = partner(rules["set"], (date(2022, 1, 1), 130))  # and 60 managed: 10 short of Gold's 200
    alert = corrected(alert_about(who, "gold.combined_threshold"), *amounts)
    assert alert.signal.level is Level.RED
    assert blamed(alert) == said


@pytest.mark.parametrize(("amounts", "blames"), [((-120,), True), ((-100,), False), ((-120, 120), False)])
def test_corrections_are_the_cause_of_a_fall_at_the_recalibration_only_where_they_miss_what_it_misses(
    rules, amounts, blames
):
    alert = corrected(alert_about(partner(rules["set"], (date(2022, 1, 1), 20)), "recalibration.2023-07-15"), *amounts)
    assert alert.signal.level is Level.RED
    assert bool(blamed(alert)) == blames


@pytest.mark.parametrize(("amounts", "blames"), [((-10,), True), ((-2,), True), ((10,), False), ((-10, 10), False)])
def test_an_expiry_turns_a_figure_red_and_a_correction_is_blamed_only_if_it_would_not_have(rules, amounts, blames):
    """3 points are missing after an expiry of 5: a correction of −2 isn't enough to blame, one of −10 is."""
    who = partner(rules["set"], (date(2022, 1, 1), 142), (DAY + timedelta(3), 137))
    alert = corrected(alert_about(who, "gold.combined_threshold", LAPSE), *amounts)
    assert alert.signal.level is Level.SOON
    assert bool(blamed(alert)) == (blames and sum(amounts) <= -3)


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((300,), ["Because of a correction, +300: import of 20 Jun 2023."]),
        ((1,), []),
        ((300, -300), []),
        ((-300,), []),
    ],
)
def test_corrections_are_the_cause_of_a_tier_reached_only_where_it_would_not_be_without_them(rules, amounts, said):
    who = partner(rules["set"], (date(2022, 1, 1), 600))
    alert = corrected(alert_about(who, "reached.platinum"), *amounts)
    assert alert.signal.level is Level.RED
    assert blamed(alert) == said


def test_dollars_are_compared_to_the_cent_where_a_correction_is_judged():
    need = 5_000_000
    signal = Signal("gold.sold_dollars", "gold", Level.RED, DAY, _dollars(need - 1, need))
    assert signal.turned_by(Shift(sold_cents=-1))
    assert not signal.turned_by(Shift(sold_cents=1))
    assert signal.is_missed_with(Balance(0, sold_cents=need - 1))
    assert not signal.is_missed_with(Balance(0, sold_cents=need))


def _dollars(have: int, need: int) -> Requirement:
    return Requirement("sold_dollars", Unit.US_CENTS, have, need, State.RED, need - have)


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
    assert "Gold falls to no tier on 15 Jul 2023, in 25 days: combined points not met" in message.text
    assert "Combined points: 120 short (80 of 200)." in lines_of(message)
    assert "renew" not in message.text
