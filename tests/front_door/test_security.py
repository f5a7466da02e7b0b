"""The front door and access: nothing forged, replayed or injected gets through (architecture#front-door)."""

import asyncio
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert, select

from bot.playground.local_slack.signing import FORM
from bot.serving import Bot
from handlers.typed_command import QUESTIONS
from handlers.views.alert import as_value
from handlers.views.parts.choices import value
from tests.support.secrets import given_away
from tests.support.served_bot import PEOPLE, ServedBot, connected_bot, text_of
from tiercore.notifications.alert_messages import content_of, root_key
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.types import AlertRef
from tiercore.storage.bulk import table
from tiercore.storage.engine import is_sqlite, reading
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import AlertResponseRow, SubscriptionRow

JSON = "application/json"
# Known only to those who may see partner PC; text that people type themselves is no secret.
FORGED = 2_500
SECRETS = ("Geheim", "Söhne", "Verborgen", "98,765", "98765", "2,962", "5,925", "5925")
HELP_EXAMPLE = "sell 7,500 sourced Acme 20 Sep"  # of /whatif, whoever asks
OTHERS_OF_BEA = ("Partner A", "Acme", "420 points", "420 combined", "combined 420", "420 of 645", "Evil")


async def post(tierbot: ServedBot, body: bytes, content_type: str = FORM, **forged):
    return await tierbot.slack.post(body, tierbot.slack.signed(body, content_type, **forged))


def command(**fields: str) -> bytes:
    known = {"team_id": "T01LOCAL", "user_id": "U0ANA", "command": "/tier", "text": ""}
    return urlencode({**known, **fields}).encode()


async def test_a_genuine_request_is_answered_and_its_replay_refused(tierbot: ServedBot):
    body = command()
    headers = tierbot.slack.signed(body)
    assert (await tierbot.slack.post(body, headers)).status == 200
    assert (await tierbot.slack.post(body, headers)).status == 401


async def test_a_request_is_answered_once_by_all_replicas_and_over_restarts(tierbot: ServedBot):
    body = command()
    headers = tierbot.slack.signed(body)
    assert (await tierbot.slack.post(body, headers)).status == 200
    if not is_sqlite(tierbot.core.url):  # which is served by one process
        second = await started_beside(tierbot)
        assert (await tierbot.slack.post(body, headers)).status == 401
        await second.stop()
    await tierbot.bot.stop()
    third = await started_beside(tierbot)
    assert (await tierbot.slack.post(body, headers)).status == 401
    assert (await tierbot.slack.post(command(text="PA"), tierbot.slack.signed(command(text="PA")))).status == 200
    await third.stop()


async def started_beside(tierbot: ServedBot) -> Bot:
    """Another replica, which Slack's requests go to from now on."""
    replica = connected_bot(tierbot.core, tierbot.slack, tierbot.clock)
    await replica.start()
    tierbot.slack.bot_url = f"http://127.0.0.1:{replica.port}/slack/events"
    return replica


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "another"},
        {"timestamp": 0},
        {"timestamp": 10**11},
        {"timestamp": "soon"},
        {"timestamp": "１６６２３３６０００"},
        {"timestamp": "-5"},
        {"timestamp": ""},
    ],
)
async def test_a_request_with_a_wrong_signature_or_an_old_timestamp_is_refused(tierbot: ServedBot, forged):
    assert (await post(tierbot, command(), **forged)).status == 401


async def test_unsigned_requests_are_refused(tierbot: ServedBot):
    assert (await tierbot.slack.post(command(), {})).status == 401
    assert (await tierbot.slack.post(command(), {"X-Slack-Signature": "v0=\xff"})).status == 401


async def test_an_oversized_body_is_refused(tierbot: ServedBot):
    assert (await post(tierbot, b"text=" + b"x" * (256 * 1024))).status == 413


JUNK = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"payload=",
    b"payload=%7B",
    b"payload=[1]",
    b"payload=%7B%22type%22%3A%22block_actions%22%7D",
    b"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%5D%2C%22user%22%3A5%7D",
    b"payload=" + b"%5B" * 20_000,
    b"\xff\xfe\x00",
    b"command=%2Ftier",
    b"command=%2Ftier&user_id=&team_id=",
    b"a=1&" * 500,
    b"[" * 50_000,
    b'{"type":"event_callback","event":5}',
    b'{"type":"event_callback","event":{"type":"nothing_we_know"}}',
    b'{"type":["a"],"team":{"id":{}},"user":"x"}',
]


@pytest.mark.parametrize("content_type", [FORM, JSON, "text/plain", ""])
async def test_signed_junk_never_causes_a_5xx(tierbot: ServedBot, content_type: str):
    for body in JUNK:
        assert (await post(tierbot, body, content_type)).status in (200, 400, 401, 404)
    rng = random.Random(11)
    for _ in range(100):
        body = rng.randbytes(rng.randrange(200))
        assert (await post(tierbot, body, content_type)).status in (200, 400, 401, 404)


async def test_random_payloads_in_slacks_format_never_cause_a_5xx(tierbot: ServedBot):
    rng = random.Random(5)

    def anything(depth: int = 0):
        value = rng.choice([None, 1, "x", True, [], {}, "ask:0", "U0ANA", '["tier","","PA"]'])
        if depth < 3 and rng.random() < 0.5:
            keys = (
                "type",
                "user",
                "team",
                "id",
                "actions",
                "value",
                "action_id",
                "block_id",
                "view",
                "enterprise",
                "event",
            )
            return {rng.choice(keys): anything(depth + 1) for _ in range(rng.randrange(6))}
        return [anything(depth + 1)] if depth < 3 and rng.random() < 0.3 else value

    for _ in range(200):
        payload = {
            "type": rng.choice(["block_actions", "view_submission", "shortcut", "event_callback", 3]),
            "x": anything(),
        }
        payload.update(
            {key: anything() for key in ("user", "team", "actions", "container", "channel") if rng.random() < 0.8}
        )
        body = urlencode({"payload": json.dumps(payload)}).encode()
        assert (await post(tierbot, body)).status in (200, 400, 404)


async def test_not_found_and_not_yours_read_the_same(tierbot: ServedBot):
    replies = []
    for typed in ("PC", "PX"):
        answer = await tierbot.slack.command("bea", "/tier", typed)
        replies.append(str(answer.sent.body).replace(typed, "…"))
    assert replies[0] == replies[1]


def attempts(rng: random.Random) -> tuple[str, str]:
    names = [
        "PC",
        "pc",
        "Geheim & Söhne",
        '"Geheim & Söhne"',
        "geheim sohne",
        "gehiem",
        "C3",
        "Verborgen",
        "PA",
        "Partner A",
    ]
    extra = [
        "",
        "platinum",
        "30d",
        "june",
        "225 points",
        "€5,000",
        "growth",
        "help",
        "PB",
        "%",
        "*",
        "' OR 1=1 --",
        "PC; DROP TABLE",
        "\u202ePC",
        "PC\x00",
        "../PC",
        "_",
        "admin",
    ]
    words = [rng.choice(names + extra) for _ in range(rng.randrange(1, 4))]
    return f"/{rng.choice(list(QUESTIONS))}", " ".join(words)


SUBSCRIPTIONS = ["of-dora", "of-ana", "none"]


def forged_interaction(rng: random.Random, who: str, text: str, url: str) -> dict:
    """A click, choice or submission on any surface with made-up ids."""
    word = rng.choice(list(QUESTIONS))
    state = rng.choice(['["points","PC"]', '["performance","PC"]', '["insights","PC"]', "PC"])
    carried = rng.choice([value(word, text[:40], "PC"), value("tier", "", rng.choice(["PA", "PB"])), state, "[]"])
    action_id = rng.choice(["ask:0", "open:clients:0", "open:why:0", "home:points", "home:partner", "form:contact"])
    action_id = rng.choice([action_id, action_id, "do:approve", "do:prefer", "form:news", "form:digest"])
    if rng.random() < 0.3:
        about = AlertRef(rng.choice(SUBSCRIPTIONS), rng.choice(["PA", "PC"]), "platinum.sold_minimum", 1)
        action_id, carried = rng.choice(["do:acknowledge", "do:snooze", "do:tell"]), as_value(about, rng.choice([0, 7]))
    action: dict = {"type": "button", "action_id": action_id, "block_id": "b", "value": carried}
    if rng.random() < 0.3:
        action = {**action, "type": "static_select", "selected_option": {"value": carried}}
    on = rng.choice(["message", "modal", "home"])
    payload = {
        "type": "block_actions",
        "team": {"id": rng.choice(["T01LOCAL", "T0OTHER"])},
        "user": {"id": f"U0{who.upper()}", "team_id": "T01LOCAL", "name": "admin", "email": "admin@example.com"},
        "actions": [action],
        "trigger_id": str(rng.random()),
        "container": {"type": on},
    }
    if on == "message":
        return {**payload, "response_url": url}
    view = {"id": "V1", "type": on, "private_metadata": state, "callback_id": "link", "hash": "1"}
    if on == "modal" and rng.random() < 0.3:
        values = {"field": {"field": {"type": "plain_text_input", "value": text}}}
        if rng.random() < 0.5:
            view["callback_id"] = "digest"
            values["zone"] = {"zone": {"selected_option": {"value": rng.choice(["UTC", text])}}}
            topics = ["alerts", rng.choice(["portfolio", "expiry", "PC"])]
            values["topics"] = {"topics": {"selected_options": [{"value": topic} for topic in topics]}}
            values["kinds"] = {"kinds": {"selected_options": [{"value": "tier"}]}}
        return {**payload, "type": "view_submission", "view": {**view, "state": {"values": values}}}
    return {**payload, "view": view}


def watch_as(tierbot: ServedBot, subscription_id: str, user_id: str) -> None:
    """Subscribe someone to alerts under an id known to the forger."""
    row = {"subscription_id": subscription_id, "team_id": "T01LOCAL", "place": user_id, "topic": "alerts"}
    row |= {"weekday": 0, "minute": 540, "timezone": "UTC", "paused": False, "made_by": user_id, "made_at": 0}
    with tierbot.core.engine.begin() as connection:
        connection.execute(insert(table(SubscriptionRow)), [row])
        for partner in ("PA", "PC"):
            about = AlertRef(subscription_id, partner, "platinum.sold_minimum", 1)
            long_ago = datetime(2022, 1, 1, tzinfo=UTC)
            root = OutboxMessage(
                root_key(about), "T01LOCAL", user_id, content_of(about, long_ago.date()), long_ago, long_ago
            )
            put(connection, [root], long_ago)


@pytest.mark.slow
async def test_forged_questions_reveal_nothing_of_other_partners(tierbot: ServedBot, share_of: Callable[[int], int]):
    """Whatever someone without access to partner PC types, and whatever ids a button, list or form carries."""
    rng = random.Random(2022)
    watch_as(tierbot, "of-dora", "U0DORA")
    watch_as(tierbot, "of-ana", "U0ANA")
    url = f"{tierbot.slack.response_prefix}actions/T01LOCAL/none"
    for number in range(share_of(FORGED)):
        who = rng.choice(["ana", "bea", "carla", "eve"])
        word, text = attempts(rng)
        if number % 2:
            answer = await tierbot.slack.command(who, word, text, wait=0)
            visible = json.dumps([[each.text, each.blocks] for each in answer.shown], ensure_ascii=False)
        else:
            payload = forged_interaction(rng, who, text, url)
            delivered = await post(tierbot, urlencode({"payload": json.dumps(payload)}).encode())
            assert delivered.status in (200, 400)
            visible = str(delivered.body)
        for typed in (*text.split(), HELP_EXAMPLE):
            visible = visible.replace(typed.strip('"'), "")
        assert not given_away(SECRETS, visible), (who, word, text, visible)
        if who in ("bea", "eve"):
            assert not [secret for secret in OTHERS_OF_BEA[1:] if secret in visible], (who, word, text, visible)
    received = json.dumps([str(each.arguments) for each in tierbot.slack.journal.received], ensure_ascii=False)
    assert not given_away(SECRETS[3:], received)
    with reading(tierbot.core.engine) as connection:
        subscribed = connection.execute(select(table(SubscriptionRow))).all()
        marked = connection.execute(select(table(AlertResponseRow))).all()
        linked = set(connection.scalars(select(table(LinkRow).c.user_id)))
    assert {row.place for row in subscribed} <= linked | {"U0DORA"}
    assert all(row.place == row.made_by for row in subscribed)
    assert {(row.subscription_id, row.partner_id, row.user_id) for row in marked} <= {("of-ana", "PA", "U0ANA")}
    assert marked, "ana's own alert was marked"
    shown = [each for each in tierbot.slack.state.screen.stream if each.where != "message"]
    assert shown, "homes were published"
    for each in shown:
        assert not given_away(SECRETS, json.dumps(each.blocks, ensure_ascii=False)), each.user


async def test_a_forged_button_is_answered_within_the_persons_own_access(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "PA")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                element["value"] = value("tier", "", "PC")
    clicked = await tierbot.slack.click("carla", answer.message, "Gap")
    assert "I can't find a partner called “" in text_of(clicked)
    assert not given_away(SECRETS, text_of(clicked))


async def test_someone_from_another_team_is_treated_as_a_stranger(tierbot: ServedBot):
    payload = {
        "type": "block_actions",
        "team": {"id": "T01LOCAL"},
        "user": {"id": "U0ANA", "team_id": "T0OTHER"},
        "actions": [{"type": "button", "action_id": "ask:0", "block_id": "b", "value": value("tier", "", "PA")}],
        "response_url": "https://evil.example/steal",
        "container": {"type": "message"},
        "trigger_id": "1",
    }
    assert (await post(tierbot, urlencode({"payload": json.dumps(payload)}).encode())).status == 200
    assert all("PA" not in str(each.arguments) for each in tierbot.slack.journal.received)


INJECTED = [
    "<!channel>",
    "<!here>",
    "<@U0ANA>",
    "<#C01SALES>",
    "<https://evil.example|Acme>",
    "https://evil.example",
    "*bold* _it_ ~st~ `code`",
    "&lt;!channel&gt;",
    "@channel",
    "line\nbreak",
    ":tada:",
    "\u202eevil",
    "{{7*7}}",
    "%s %(name)s",
    "=HYPERLINK(1)",
]


@pytest.mark.parametrize("text", INJECTED)
async def test_typed_text_is_echoed_without_markup(tierbot: ServedBot, text: str):
    answer = await tierbot.slack.command("ana", "/tier", text)
    for mark in ("<", ">"):
        assert mark not in answer.text
    assert "mrkdwn" not in json.dumps(answer.blocks)
    for block in answer.blocks:
        assert block["type"] in ("rich_text", "actions", "header", "context")
    links = [each for block in answer.blocks for part in block["elements"] for each in part.get("elements", ())]
    assert {each["type"] for each in links} <= {"text"}
    assert not tierbot.slack.journal.errors


async def test_concurrent_commands_are_all_answered(tierbot: ServedBot):
    people = [person.name for person in PEOPLE[:3]]
    commands = [tierbot.slack.command(people[n % 3], "/tier", "PB" if n % 3 == 2 else "") for n in range(60)]
    answers = await asyncio.gather(*commands)
    assert all(answer.sent.status == 200 and answer.text for answer in answers)


async def test_someone_who_lost_access_to_a_partner_gets_no_cached_answer(tierbot: ServedBot, tmp_path):
    from tests.support.sample_folder import FOLDER, write_folder
    from tiercore.ingest.importing import import_folder

    assert "Partner A" in text_of(await tierbot.slack.command("carla", "/tier", "PA"))
    people = "\n".join(line for line in FOLDER["people.csv"].splitlines() if line != "carla@example.com,Carla,cam,PA")
    (tmp_path / "only").mkdir()
    write_folder(tmp_path / "less", people=people + "\n")
    (tmp_path / "only" / "people.csv").write_text((tmp_path / "less" / "people.csv").read_text())
    core = tierbot.core
    assert import_folder(
        core.engine, core.program, tmp_path / "only", today=core.settings.today_is(), mirror=True
    ).stored
    assert "I can't find a partner called “PA”" in text_of(await tierbot.slack.command("carla", "/tier", "PA"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "nonsense"])
async def test_compressed_bodies_are_refused_before_decompression(tierbot: ServedBot, encoding: str):
    headers = {**tierbot.slack.signed(command()), "Content-Encoding": encoding}
    assert (await tierbot.slack.post(b"junkjunk", headers)).status == 400
