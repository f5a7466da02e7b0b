"""What `/changes` shows: never more than one screen, names without markup, and figures that explain themselves."""

import json
from datetime import date

import pytest

from bot.playground.local_slack.blockcheck import problems
from bot.terminal.render import render
from handlers.views.answers.changes import SHOWN, message, record
from tiercore.facts.entries import Partner
from tiercore.facts.points import MICRO
from tiercore.program import load_program
from tiercore.questions.changes import Changes, changes_between
from tiercore.questions.requirements import Facts
from tiercore.rating.netting import CreditEvent
from tiercore.rating.timeline import Balance

SINCE, DAY = date(2022, 8, 6), date(2022, 9, 5)
EVIL = "<!channel> *Evil* <https://evil.example|x> "


def sold(number: int, micropoints: int | None, cause: str = "sale", **more: str) -> CreditEvent:
    client = f"{EVIL}{number} " + "x" * 300
    return CreditEvent(f"C{number}", client, "y" * 300, "sourced", DAY.toordinal(), cause, micropoints, 1, **more)


def changed(opened: list[CreditEvent], closed: list[CreditEvent] = (), before: int = 0) -> Changes:
    facts = Facts(Partner("PA", EVIL, "US", "USD", date(2019, 1, 1)), [], None, None)
    after = before + sum(m.micropoints or 0 for m in opened) - sum(m.micropoints or 0 for m in closed)
    balances = Balance(SINCE.toordinal(), sourced=before), Balance(DAY.toordinal(), sourced=after)
    return changes_between(SINCE, DAY, load_program(), facts, *balances, opened, closed)


def shown(changes: Changes) -> str:
    answer = message(changes)
    assert problems(answer.blocks, "message") == []
    assert "<!channel>" not in answer.text
    assert "mrkdwn" not in json.dumps(answer.blocks)
    return " ".join(render(answer.blocks, colour=False, width=400).split())


def test_a_hundred_clients_are_twelve_lines_and_a_count_but_all_in_the_record():
    changes = changed([sold(number, (number + 1) * MICRO) for number in range(100)])
    text = shown(changes)
    assert f"… and {100 - SHOWN} more clients, included in the totals" in text
    assert "5,050 gained" in text
    assert "+100 " in text
    assert "+88 " not in text
    assert len(record(changes)["clients"]) == 100


def test_a_client_with_many_changes_shows_the_largest_and_a_count():
    opened = [sold(1, size * MICRO)._replace(product_line=f"Line {size}") for size in (1, 2, 3, 4, 5)]
    text = shown(changed(opened))
    assert "+5 sale (Line 5, 5 Sep 2022); +4 sale (Line 4, 5 Sep 2022); +3 sale" in text
    assert "; 2 more" in text


def test_a_loss_has_a_minus_sign_and_gains_lost_again_net_to_zero():
    assert "−12 points in 30 days" in shown(changed([], [sold(1, 12 * MICRO, "downgrade")], before=20 * MICRO))
    both = shown(changed([sold(1, MICRO)], [sold(1, MICRO, "cancellation")]))
    assert "no change in total in 30 days" in both
    assert "Gained: sale +1 Expired or lost: cancellation −1" in both


def test_an_unrated_credit_is_listed_with_the_reason():
    text = shown(changed([sold(1, None, doubt="no points table for BRL")]))
    assert "no points changed in 30 days" in text
    assert "Not rated, so not in the totals: 1 product line" in text
    assert "no points table for BRL" in text


@pytest.mark.parametrize(("micropoints", "noted"), [(MICRO, False), (MICRO + 5_000, True)])
def test_visible_rounding_is_mentioned(micropoints: int, noted: bool):
    lost = [sold(2, 4_000, "downgrade")]
    assert ("unrounded, they add up" in shown(changed([sold(1, micropoints)], lost, before=MICRO))) == noted
