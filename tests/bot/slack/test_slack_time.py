"""Slack's time is measured from its answers, whatever this machine's clock says and whatever is done to it."""

from datetime import UTC, datetime, timedelta
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.slack_time import SlackTime

NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)


class Machine:
    """A machine whose clock is `ahead` of Slack's, and which can be set."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead, self.passed = ahead, 1_000.0
        self.time = SlackTime(self.wall, lambda: self.passed)

    def wall(self) -> datetime:
        return self.slack() + timedelta(seconds=self.ahead)

    def slack(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def asks(self, seconds: float = 0.2, *, ts: bool = False, date_off: float = 0.0) -> None:
        """Ask Slack, which takes so long, and answers halfway with its time, as a header or as a timestamp too."""
        started = self.time.started()
        self.passed += seconds / 2
        said = self.slack().timestamp()
        self.passed += seconds / 2
        headers = {"Date": formatdate(said + date_off, usegmt=True)}
        self.time.heard(started, headers, f"{said:.6f}" if ts else None)

    def off(self) -> float:
        return abs((self.time.now() - self.slack()).total_seconds())


@given(st.floats(-90_000, 90_000), st.floats(0, 10), st.booleans())
def test_one_answer_is_enough_to_know_slacks_time_to_the_second(ahead: float, seconds: float, ts: bool):
    machine = Machine(ahead)
    machine.asks(seconds, ts=ts)
    assert machine.off() <= (seconds if ts else seconds + 1) + 0.001


@pytest.mark.parametrize("by", [-86_400, -3_600, -150, 150, 3_600, 86_400])
def test_setting_the_clock_changes_nothing(by: float):
    machine = Machine()
    machine.asks()
    machine.ahead += by
    assert machine.off() <= 1
    machine.passed += 600
    assert machine.off() <= 1


def test_a_clock_that_is_right_is_left_alone():
    machine = Machine()
    for _ in range(20):
        machine.passed += 7.31
        machine.asks(0.3)
        machine.asks(0.1, ts=True)
    assert machine.off() == pytest.approx(0, abs=0.000_01)


def test_a_clock_that_is_off_is_told_with_its_direction():
    for ahead, said in ((150, "150 seconds ahead of Slack"), (-3_600, "3,600 seconds behind Slack")):
        machine = Machine(ahead)
        assert machine.time.complaint() is None, "nothing is known yet"
        machine.asks(ts=True)
        assert machine.time.complaint() == f"this machine is {said}"
    right = Machine(30)
    right.asks()
    assert right.time.complaint() is None


def test_a_timestamp_counts_where_the_date_is_not_slacks_own():
    """A proxy may send its own Date."""
    machine = Machine()
    machine.asks(ts=True, date_off=400)
    machine.asks(date_off=400)
    assert machine.off() <= 0.2


def test_an_answer_without_a_date_measures_nothing():
    machine = Machine(500)
    for headers in ({}, {"Date": "yesterday"}, {"date": ""}):
        machine.time.heard(machine.time.started(), headers)
    assert machine.time.ahead() is None
