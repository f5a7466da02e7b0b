"""Whatever is sent to the front door, it never fails: no hostile request gets a status from 500 on."""

import json
import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.playground.local_slack.signing import FORM
from tests.support.served_bot import ServedBot, text_of

JSON = "application/json"
REQUESTS = 13_000  # on each engine
WORDS = ("/tier", "/gap", "/expiring", "/clients", "/why", "/convert", "/digest", "/nothing", "", "tier")
TEXTS = ("", "platinum", "PB", "help", "\x00", "\u202e", "a " * 300, "x" * 5_000, "9" * 400, '"', "<@U0EVE>", "=1+1")
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "x" * 3_000,
    "\ud800",
    [],
    {},
    [[]],
    {"id": None},
    "U0ANA",
)
ACTIONS = (
    "ask:tier",
    "open:why:0",
    "do:approve",
    "do:snooze",
    "do:prefer",
    "home:",
    "form:link",
    "form:digest",
    "x" * 300,
)


def command(rng: random.Random) -> dict[str, Any]:
    known = {"team_id": "T01LOCAL", "user_id": "U0ANA", "trigger_id": str(rng.random())}
    return {**known, "command": rng.choice(WORDS), "text": rng.choice(TEXTS)}


def interaction(rng: random.Random) -> dict[str, Any]:
    action = {"action_id": rng.choice(ACTIONS), "value": rng.choice((*TEXTS, '["tier","",null]', "[[[[" * 500))}
    kinds = ("block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action", "odd")
    view = {"type": rng.choice(("modal", "home")), "id": "V1", "callback_id": "digest", "state": {"values": {}}}
    return {
        "type": rng.choice(kinds),
        "user": {"id": "U0ANA", "team_id": "T01LOCAL"},
        "team": {"id": "T01LOCAL"},
        "trigger_id": str(rng.random()),
        "container": {"type": "message", "is_ephemeral": rng.random() < 0.5},
        "channel": {"id": "C01SALES"},
        "actions": [action],
        **({"view": view} if rng.random() < 0.5 else {}),
    }


def event(rng: random.Random) -> dict[str, Any]:
    kinds = ("app_home_opened", "message", "tokens_revoked", "user_change", "channel_shared", "app_mention", "odd")
    inner = {
        "event_ts": str(rng.random()),
        "type": rng.choice(kinds),
        "user": "U0ANA",
        "channel": "C01SALES",
        "tab": "home",
    }
    return {"type": rng.choice(("event_callback", "url_verification", "odd")), "team_id": "T01LOCAL", "event": inner}


def spoiled(value: Any, rng: random.Random) -> Any:
    """The payload with one part of it, anywhere, replaced or missing."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(sorted(value))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if rng.random() < 0.3 else {**rest, key: spoiled(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        return [spoiled(value[0], rng), *value[1:]]
    return rng.choice(ODD)


def as_body(payload: Any, rng: random.Random) -> tuple[bytes, str]:
    """The payload as Slack would send it, or as it never would."""
    text = json.dumps(payload)
    match rng.randrange(6):
        case 0 if isinstance(payload, dict):
            return urlencode({key: str(each) for key, each in payload.items()}, errors="replace").encode(), FORM
        case 1:
            return text.encode(), JSON
        case 2:
            return urlencode({"payload": text[: rng.randrange(len(text) + 1)]}).encode(), FORM
        case 3:
            return bytes(rng.randrange(256) for _ in range(rng.randrange(200))), rng.choice((FORM, JSON, "text/plain"))
    return urlencode({"payload": text}).encode(), FORM


def hostile(rng: random.Random) -> tuple[bytes, str]:
    payload: Any = rng.choice((command, interaction, event))(rng)
    for _ in range(rng.randrange(3)):
        payload = spoiled(payload, rng)
    return as_body(payload, rng)


async def send(tierbot: ServedBot, requests: int, seed: int) -> Counter[int]:
    """The statuses of so many requests, most of them signed as Slack signs them."""
    rng, statuses = random.Random(seed), Counter[int]()
    for _ in range(requests):
        body, kind = hostile(rng)
        forged = {"secret": "another"} if rng.random() < 0.05 else {}
        statuses[(await tierbot.slack.post(body, tierbot.slack.signed(body, kind, **forged))).status or 0] += 1
    return statuses


@pytest.mark.parametrize("requests", [2_000, pytest.param(REQUESTS, marks=pytest.mark.slow)])
async def test_no_request_makes_the_front_door_fail(
    tierbot: ServedBot, requests: int, caplog: pytest.LogCaptureFixture, share_of: Callable[[int], int]
):
    caplog.set_level(logging.CRITICAL)  # a report can't carry half of a character
    caplog.set_level(logging.CRITICAL, "slack_bolt.AsyncApp")
    seed = 20_261_128
    requests = share_of(requests)
    statuses = await send(tierbot, requests, seed)
    assert set(statuses) <= {200, 400, 401, 404, 413}, f"seed {seed}: {statuses}"
    assert statuses[200] > requests // 5, f"too many were refused before they could do harm: {statuses}"
    assert "225 points to Platinum" in text_of(await tierbot.slack.command("ana", "/tier"))
