"""Forged buttons and windows of open deals, plans, goals and what-ifs: nothing of others is seen or changed."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from bot.playground.local_slack.signing import FORM
from handlers.views.entry_forms import written
from tests.support.alerts import rows
from tests.support.pipeline import import_deals
from tests.support.secrets import given_away
from tests.support.served_bot import ServedBot
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import PipelineDealRow
from tiercore.storage.tables.pipeline import PipelineAnswerRow
from tiercore.typed.types import Draft, Kind

FORGED = 1_000
SECRETS = ("Verborgen", "Geheim", "77777", "77,777")  # of partner PC, whom nobody below may see
MAY_SEE = {"PA": ("U0ANA", "ana@example.com"), "PB": ("U0BEA", "bea@example.com")}
DEALS = {"D1,PA,C1": 10, "D2,PB,C2": 10, "D3,PC,C3": 77777}
HOSTILE = (
    "sell 1 a, " * 12,
    "at most 5,000 MRR a month " * 9,
    "sell 100 " + "w x y " * 18,
    f"sell {'9' * 480}",
    "sell 999999999999 Acme; sell 999,999,999 to Acme",
    "extend agreement Acme until 31 Dec 9999",
    "platinum by 15 jan at most 0.01 a month",
    "elite no managed growth assisted",
    "x" * 600,
)


def payload(rng: random.Random, who: str) -> dict:
    partner, deal = rng.choice(["PA", "PB", "PC", "", None]), rng.choice(["D1", "D2", "D3", "D9", ""])
    text = rng.choice(["", "platinum", "gold by 15 jan", "GPC", "renew certification", 'lose "C3"', *HOSTILE])
    question, made_up = (
        json.dumps(["plan", text, partner]),
        {"client_id": "C3", "mrr": "10", "expected_on": "2022-10-01"},
    )
    buttons = {
        "do:keep_goal": question,
        "do:withdraw_goal": rng.choice([json.dumps(["plan", "GPC", "PC"]), question]),
        "do:deal_lost": deal,
        "do:deal_later": deal,
        f"entry:deal:{rng.choice(['show', 'won', 'move'])}:{deal}": deal,
        "entry:keep:0": written(Draft(Kind.DEAL, str(partner), made_up, "00000000A1")),
        "form:whatif": question,
        "ask:0": json.dumps([rng.choice(["plan", "whatif", "pipeline"]), text, partner]),
    }
    user = {"id": f"U0{who.upper()}", "team_id": "T01LOCAL"}
    common = {"team": {"id": "T01LOCAL"}, "user": user, "trigger_id": str(rng.random())}
    view = {"id": f"V{rng.randrange(10**9)}", "type": "modal", "blocks": []}
    if rng.random() < 0.3:
        day = {"expected_on": {"expected_on": {"selected_date": "2022-12-01"}}}
        steps = {"kind_0": {"kind": {"selected_option": {"value": "lose"}}}, "client_0": {"client": {"value": "C3"}}}
        submitted = rng.choice(
            [
                {"callback_id": "deal_day", "private_metadata": deal, "state": {"values": day}},
                {"callback_id": "whatif", "private_metadata": json.dumps([partner, 1]), "state": {"values": steps}},
            ]
        )
        return {**common, "type": "view_submission", "view": {**view, **submitted}}
    action, value = rng.choice([*buttons.items()])
    pressed = {"type": "button", "action_id": action, "block_id": "b", "value": value}
    if rng.random() < 0.2:
        pressed = {"type": "overflow", "action_id": "more:0", "selected_option": {"value": f"{action}|{value}"}}
    return {**common, "type": "block_actions", "actions": [pressed], "view": view, "container": {"type": "view"}}


def seed(tierbot: ServedBot, folder: Path) -> None:
    deals = [f"{each},,,Sales Hub,sourced,{mrr},USD,2022-09-01,," for each, mrr in DEALS.items()]
    assert import_deals(tierbot.core.engine, tierbot.core.program, folder / "deals", *deals).problems == []
    goal = {"goal_id": "GPC", "partner_id": "PC", "tier": "gold", "day": 738_535, "kept_on": 738_400, "missing": 1}
    with writing(tierbot.core.engine) as connection:
        kept = {"steps": "[]", "team_id": "T01LOCAL", "created_by": "U0ADMIN", "created_at": 0}
        connection.execute(insert(table(GoalRow)), [{**goal, **kept}])


@pytest.mark.slow
async def test_forged_deals_and_goals_change_nothing_of_others(
    tierbot: ServedBot, tmp_path: Path, share_of: Callable[[int], int]
):
    seed(tierbot, tmp_path)
    rng = random.Random(2022)
    for _ in range(share_of(FORGED)):
        body = urlencode({"payload": json.dumps(payload(rng, rng.choice(["ana", "bea", "eve"])))}).encode()
        answer = await tierbot.slack.post(body, tierbot.slack.signed(body, FORM))
        assert answer.status == 200
        assert not given_away(SECRETS, answer.body)
    await tierbot.bot.stop()  # which lets what was begun come to its end
    seen = json.dumps([str(each.arguments) for each in tierbot.slack.journal.received], ensure_ascii=False)
    assert not given_away(SECRETS, seen)
    assert {each.deal_id for each in rows(tierbot, PipelineDealRow)} == {"D1", "D2", "D3"}
    said = [(each.partner_id, each.said_by) for each in rows(tierbot, PipelineAnswerRow) if each.said_by]
    assert said
    assert all(by == MAY_SEE[partner][1] for partner, by in said)
    goals = rows(tierbot, GoalRow)
    assert [each.withdrawn_at for each in goals if each.partner_id == "PC"] == [None]
    assert all(each.created_by == MAY_SEE[each.partner_id][0] for each in goals if each.goal_id != "GPC")


async def test_no_plan_and_no_what_if_is_too_much_to_answer(tierbot: ServedBot):
    """The fixture fails where one of them holds the event loop."""
    for text in HOSTILE:
        for word in ("/plan", "/whatif"):
            answer = await tierbot.slack.command("ana", word, text)
            assert answer.blocks
            assert "went wrong" not in str(answer.blocks)
