"""Forged windows and buttons of what is shared: no byte about a partner reaches anybody who may not see it."""

import json
import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from urllib.parse import urlencode

import pytest

from bot.playground.local_slack.signing import FORM
from bot.playground.local_slack.state.workspace import Channel
from tests.support.delivered import rows
from tests.support.secrets import given_away
from tests.support.served_bot import ServedBot
from tests.support.waiting import wait_until
from tiercore.storage.tables.notifications import OutboxRow

FORGED = 1_000
CHANNELS = (
    Channel("C02OWN", "own", frozenset({"U0ANA", "U0CARLA"}), is_private=True),
    Channel("C03THEIRS", "theirs", frozenset({"U0BEA", "U0ADMIN"}), is_private=True),
    Channel("C04ABSENT", "absent", has_bot=False),
    Channel("C05OUTSIDE", "outside", frozenset({"U0ANA", "U0BEA"}), is_ext_shared=True),
)
MAY_READ = {"Partner A": {"U0ANA", "U0CARLA", "U0ADMIN"}, "Zweite": {"U0BEA", "U0CARLA", "U0ADMIN"}}
SHARERS = ("ana", "bea", "eve")
SECRETS = ("Verborgen", "Geheim", "98765")  # of partner PC, whom nobody below may see
TARGETS = [each.channel_id for each in CHANNELS] + ["C01SALES", "C99", "U0ANA", "U0BEA", "U0EVE", "U0TIERBOT", "", "x"]
WORDS = ("tier", "gap", "clients", "why", "digest", "changes", "convert", "alert", "share", "x")


def question(rng: random.Random) -> list[object]:
    texts = ("", "platinum", "sold", '"C1"', '"C3"', "225 points", "reached.platinum", "gold.managed_minimum")
    return [rng.choice(WORDS), rng.choice(texts), rng.choice(["PA", "PB", "PC", None, "*", ""])]


def state(rng: random.Random) -> str:
    days = ("2022-09-05", "2022-09-05", "2022-09-04", "2019-01-01", "x")
    confirmed = rng.choice(["", "many", f"{rng.randrange(16**16):016x}"])
    held = [*question(rng), rng.choice(days), rng.choice(TARGETS), "a comment", confirmed, f"{rng.random()}"]
    return rng.choice([*[json.dumps(held)] * 6, json.dumps(held[:-1]), json.dumps([held]), "{", "[]"])


def payload(rng: random.Random, who: str) -> dict:
    view_id = f"V{rng.randrange(10**9)}"
    common = {
        "team": {"id": "T01LOCAL"},
        "user": {"id": f"U0{who.upper()}", "team_id": "T01LOCAL"},
        "trigger_id": str(rng.random()),
    }
    asked = json.dumps(question(rng))
    target = rng.choice(TARGETS)
    ticked = {"share-confirm": {"share-confirm": {"selected_options": [{"value": "yes"}]}}}
    where = {
        "share-channel": {"share-channel": {"selected_conversation": target}},
        "share-person": {"share-person": {"selected_user": rng.choice(["", "", target])}},
        "share-comment": {"share-comment": {"value": "a comment"}},
    }
    view = {"id": view_id, "type": "modal", "blocks": []}
    kinds: list[Callable[[], dict]] = [
        lambda: {"callback_id": "share-choosing", "private_metadata": asked, "state": {"values": where}},
        lambda: {"callback_id": "share-preview", "private_metadata": state(rng), "state": {"values": ticked}},
        lambda: {"callback_id": "share-preview", "private_metadata": state(rng), "state": {"values": {}}},
    ]
    if rng.random() < 0.7:
        return {**common, "type": "view_submission", "view": {**view, **rng.choice(kinds)()}}
    as_of = json.dumps([rng.choice(["2022-09-05", "9999-12-31", "0001-01-01", "x"]), asked])
    value = rng.choice([as_of, asked, f"form:share|{asked}", f"ask:0|{asked}", f"asof:0|{as_of}", "more:0|more:0|x"])
    action = rng.choice(["asof:0", "more:0", "more:0", "form:share"])
    chosen = {"type": "overflow", "action_id": action, "block_id": "b", "selected_option": {"value": value}}
    return {**common, "type": "block_actions", "actions": [chosen], "view": view, "container": {"type": "view"}}


def sent(who: str, partner_id: str, target: str) -> dict:
    """The submission of a preview that nobody was shown: it sends what was asked without a look at who is there."""
    state = ["tier", "", partner_id, "2022-09-05", target, "", "", f"{who} {partner_id} {target}"]
    view = {"id": "V1", "type": "modal", "callback_id": "share-preview", "blocks": [], "state": {"values": {}}}
    view["private_metadata"] = json.dumps(state)
    user = {"id": f"U0{who.upper()}", "team_id": "T01LOCAL"}
    return {"type": "view_submission", "team": {"id": "T01LOCAL"}, "user": user, "trigger_id": "1", "view": view}


@pytest.mark.slow
async def test_forged_shares_show_nobody_what_they_may_not_see(tierbot: ServedBot, share_of: Callable[[int], int]):
    for channel in CHANNELS:
        tierbot.slack.directory.change(channel)
    rng = random.Random(2022)
    payloads = [payload(rng, rng.choice(SHARERS)) for _ in range(share_of(FORGED))]
    payloads += [sent(*each) for each in product(SHARERS, ("PA", "PB", "PC"), TARGETS)]
    for each in payloads:
        body = urlencode({"payload": json.dumps(each)}).encode()
        answer = await tierbot.slack.post(body, tierbot.slack.signed(body, FORM))
        assert answer.status == 200
        assert not given_away(SECRETS, answer.body)
    ended = {"sent", "dropped", "dead"}
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} <= ended, "everything is dealt with")
    calls = tierbot.slack.journal
    text = json.dumps([str(each.arguments) for each in calls.received], ensure_ascii=False)
    assert not given_away(SECRETS, text)
    people = {each.user_id for each in tierbot.slack.directory.people.values()}
    shared = [each for each in tierbot.slack.state.screen.messages.values() if "shared, as of" in each.text]
    named = Counter[str]()
    for each in shared:
        channel = tierbot.slack.directory.channels[each.channel]
        readers = people if channel.members is None else channel.members
        for name, allowed in MAY_READ.items():
            named[name] += name in each.text
            assert name not in each.text or readers <= allowed
    assert all(named[name] for name in MAY_READ), "each is shared with someone"
