"""Forged windows, buttons and searches about typed entries: nothing of others is seen, stored or withdrawn."""

import json
import random
from urllib.parse import urlencode

import pytest

from bot.playground.local_slack.signing import FORM
from handlers.views.entry_fields import FIELDS
from handlers.views.entry_forms import written
from tests.support.alerts import rows
from tests.support.secrets import given_away
from tests.support.served_bot import ServedBot
from tests.support.typed import save_sale
from tests.support.waiting import wait_until
from tiercore.storage.tables.approvals import ProposalRow
from tiercore.storage.tables.ledger import AgreementRow, PartnerRow, PersonRow, SaleRow
from tiercore.storage.tables.typed import TypedEntryRow
from tiercore.typed.types import Draft, Kind

FORGED = 1000
SECRETS = ("Verborgen", "Geheim", "98765")  # of partner PC, whom nobody below may see
STORED = (SaleRow, AgreementRow, PartnerRow, PersonRow, TypedEntryRow)
WORDS = {
    "partner_id": ("PA", "PB", "PA", "PB", "PC", "", "*"),
    "client_id": ("C1", "C2", "C3", "C1", "T-0000000000"),
    "agreement_id": ("A1", "A3", "x"),
    "sale_id": ("S1", "S4", "T-00000000A1"),
    "product_line": ("Sales Hub",),
    "deal_type": ("net_new",),
    "motion": ("sourced",),
    "mrr": ("10", "10", "-1", "NaN"),
    "currency": ("USD",),
    "country": ("DE",),
    "role": ("admin", "cam"),
    "email": ("eve@example.com",),
    "tier": ("platinum",),
}


def draft(rng: random.Random, entry_id: str) -> Draft:
    kind = rng.choice(list(Kind))
    days = ("2022-09-01", "2022-09-30")
    columns = [*(each.column for each in FIELDS[kind]), "partner_id", "sale_id", "client_id"]
    cells = {column: rng.choice(WORDS.get(column, days)) for column in columns}
    token = rng.choice(["00000000A1", *[f"{rng.randrange(16**10):010X}"] * 4, "../../S1"])
    return Draft(kind, rng.choice(WORDS["partner_id"]), cells, token, rng.choice(["", "", "", entry_id, "x"]))


def payload(rng: random.Random, who: str, entry_id: str) -> dict:
    made_up, view_id = draft(rng, entry_id), f"V{rng.randrange(10**9)}"
    state = {column: {column: {"value": cell}} for column, cell in made_up.cells.items()}
    carried = rng.choice([*[written(made_up)] * 4, entry_id, "[]", "{", '["sale","PC",[],1,2]'])
    common = {
        "team": {"id": "T01LOCAL"},
        "user": {"id": f"U0{who.upper()}", "team_id": "T01LOCAL", "email": "admin@example.com"},
        "trigger_id": str(rng.random()),
    }
    view = {"id": view_id, "type": "modal", "private_metadata": carried, "state": {"values": state}, "blocks": []}
    match rng.randrange(4):
        case 0:
            asks = {"action_id": rng.choice(["client_id", "partner_id", "agreement_id"]), "block_id": "b"}
            query = rng.choice(["", "verb", "C3", "geheim", "a"])
            return {**common, "type": "block_suggestion", **asks, "value": query, "view": view}
        case 1 | 2:
            callback = rng.choice(["entry_form", "entry_save", "entry_save", "entry_withdraw"])
            return {**common, "type": "view_submission", "view": {**view, "callback_id": callback}}
    action = rng.choice(["new:sale", "new:person", f"edit:{entry_id}", f"withdraw:{entry_id}", "change", "client:C3"])
    value = rng.choice([entry_id, "C3", "C1", "sale", "partner"])
    button = {"type": "button", "action_id": f"entry:{action}", "block_id": "b", "value": value}
    return {**common, "type": "block_actions", "actions": [button], "view": view, "container": {"type": "view"}}


@pytest.mark.slow
async def test_forged_entries_reveal_store_and_withdraw_nothing_of_others(tierbot: ServedBot):
    """Whatever partners' people and strangers send, only proposals about their own partner come of it."""
    await save_sale(tierbot)
    [typed] = rows(tierbot, TypedEntryRow)
    before, rng, saving = [rows(tierbot, each) for each in STORED], random.Random(2022), 0
    for _ in range(FORGED):
        who = rng.choice(["ana", "bea", "eve"])
        body = urlencode({"payload": json.dumps(payload(rng, who, typed.entry_id))}).encode()
        answer = await tierbot.slack.post(body, tierbot.slack.signed(body, FORM))
        assert answer.status == 200
        saving += "Saving" in answer.body
        assert not given_away(SECRETS, answer.body)
        if who == "bea":
            assert "Acme" not in answer.body
    updates = tierbot.slack.journal
    await wait_until(lambda: len(updates.calls("views.update")) >= saving, "every submission is dealt with")
    assert saving > 20
    own = {"ana@example.com": "PA", "bea@example.com": "PB"}
    deals = [each for each in rows(tierbot, TypedEntryRow) if each.file == Kind.DEAL.file]
    assert all(own[each.entered_by] == each.partner_id for each in deals), "no points, so stored without a proposal"
    stored = [[each for each in rows(tierbot, model) if each not in deals] for model in STORED]
    assert stored == before
    proposals = rows(tierbot, ProposalRow)
    assert proposals, "their own partner's are proposed"
    assert all(own[each.proposed_by] == each.partner_id for each in proposals)
    received = json.dumps([str(each.arguments) for each in updates.received], ensure_ascii=False)
    assert not given_away(SECRETS, received)
