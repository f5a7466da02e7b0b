"""The Web API as slack_sdk's client sees it."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Workspace

Json = dict[str, Any]
HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Hello"}}
INPUT = {
    "type": "input",
    "block_id": "tier",
    "label": {"type": "plain_text", "text": "Tier"},
    "element": {"type": "plain_text_input", "action_id": "tier_text"},
}


def modal(*blocks: Json, **more: Any) -> Json:
    title, submit = {"type": "plain_text", "text": "Settings"}, {"type": "plain_text", "text": "Save"}
    return {"type": "modal", "title": title, "submit": submit, "blocks": list(blocks or [HEADER]), **more}


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def trigger(slack: Slack, bot: Any) -> str:
    await slack.command("anna", "/tier", wait=0)
    return str(bot.payloads[-1]["trigger_id"])


async def test_auth_test_identifies_the_bot(client: AsyncWebClient) -> None:
    response = await client.auth_test()
    assert (response["team_id"], response["user_id"]) == ("T01LOCAL", "U01TIERBOT")


async def test_a_wrong_token_is_invalid_auth(slack: Slack) -> None:
    stranger = AsyncWebClient("xoxb-wrong", base_url=slack.api_url)
    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"
    nobody = AsyncWebClient(base_url=slack.api_url)
    assert (await refused(nobody.auth_test()))["error"] == "not_authed"
    app = AsyncWebClient(slack.app_token, base_url=slack.api_url)
    assert (await refused(app.auth_test()))["error"] == "not_allowed_token_type"


async def test_an_unknown_method_is_reported(client: AsyncWebClient) -> None:
    assert (await refused(client.api_call("chat.shout")))["error"] == "unknown_method"


async def test_a_message_is_posted_edited_and_deleted(slack: Slack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C01SALES", text="Hello", blocks=[HEADER])
    assert [each.text for each in slack.messages("#sales")] == ["Hello"]
    assert slack.messages("#sales")[0].blocks[0]["block_id"]
    await client.chat_update(channel="C01SALES", ts=posted["ts"], text="Bye")
    assert slack.messages("#sales")[0].text == "Bye"
    await client.chat_delete(channel="C01SALES", ts=posted["ts"])
    assert slack.messages("#sales") == []
    assert (await refused(client.chat_delete(channel="C01SALES", ts=posted["ts"])))["error"] == "message_not_found"


async def test_a_message_to_a_person_opens_a_direct_message(slack: Slack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U01ANNA", text="Hello")
    opened = await client.conversations_open(users="U01ANNA")
    assert posted["channel"] == opened["channel"]["id"] == "D01ANNA"
    assert [each.text for each in slack.messages("U01ANNA")] == ["Hello"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C99", "channel_not_found"), ("C03OLD", "is_archived"), ("C04AWAY", "not_in_channel"), ("", "channel_not_found")],
)
async def test_some_channels_cannot_be_posted_to(channel: str, error: str, client: AsyncWebClient) -> None:
    assert (await refused(client.chat_postMessage(channel=channel, text="Hello")))["error"] == error


async def test_invalid_blocks_are_refused_with_slacks_reasons(slack: Slack, client: AsyncWebClient) -> None:
    response = await refused(client.chat_postMessage(channel="C01SALES", text="a", blocks=[{"type": "header"}]))
    assert response["error"] == "invalid_blocks"
    assert response["errors"] == ["missing required field: text [json-pointer:/blocks/0]"]
    assert response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: text [json-pointer:/blocks/0]"
    ]
    assert slack.messages("#sales") == []
    assert not slack.journal.calls("chat.postMessage")[0].accepted


async def test_an_empty_or_oversized_message_is_refused(client: AsyncWebClient) -> None:
    post = client.chat_postMessage
    assert (await refused(post(channel="C01SALES", text="a" * 40_001)))["error"] == "msg_too_long"
    empty = client.api_call("chat.postMessage", json={"channel": "C01SALES"})
    assert (await refused(empty))["error"] == "no_text"
    assert (await refused(post(channel="C01SALES", text="a", blocks=["a"])))["error"] == "invalid_blocks_format"
    bad = {"event_type": "digest"}
    assert (await refused(post(channel="C01SALES", text="a", metadata=bad)))["error"] == "invalid_metadata_format"


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b'{"a":' * 20_000])
async def test_invalid_json_is_reported(body: bytes, slack: Slack) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.api_url}chat.postMessage", data=body, headers=headers) as response,
    ):
        assert (await response.json())["error"] == "invalid_json"


async def test_each_channel_takes_one_message_a_second(slack: Slack, client: AsyncWebClient, clock: Any) -> None:
    await client.chat_postMessage(channel="C01SALES", text="one")
    await client.chat_postMessage(channel="C02SHARED", text="elsewhere")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C01SALES", text="two")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    clock.now += 1
    await client.chat_postMessage(channel="C01SALES", text="two")
    slack.state.rate_limits = False
    await client.chat_postMessage(channel="C01SALES", text="three")
    assert [each.text for each in slack.messages("#sales")] == ["one", "two", "three"]


async def test_an_ephemeral_message_needs_a_member_of_the_channel(slack: Slack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C01SALES", user="U02BEN", text="psst")
    assert [each.text for each in slack.messages("#sales", reader="ben")] == ["psst"]
    assert slack.messages("#sales", reader="anna") == []
    stranger = client.chat_postEphemeral(channel="C01SALES", user="U99", text="psst")
    assert (await refused(stranger))["error"] == "user_not_in_channel"


async def test_history_is_newest_first_with_metadata_on_request(
    slack: Slack, client: AsyncWebClient, clock: Any
) -> None:
    metadata = {"event_type": "digest", "event_payload": {"key": "k1"}}
    stamps = []
    for number in range(3):
        clock.now += 1
        response = await client.chat_postMessage(channel="C01SALES", text=str(number), metadata=metadata)
        stamps.append(response["ts"])
    await client.chat_postEphemeral(channel="C01SALES", user="U02BEN", text="psst")
    page = await client.conversations_history(channel="C01SALES", limit=2, include_all_metadata=True)
    assert [each["text"] for each in page["messages"]] == ["2", "1"]
    assert page["messages"][0]["metadata"] == metadata
    assert page["has_more"]
    cursor = page["response_metadata"]["next_cursor"]
    second_page = await client.conversations_history(channel="C01SALES", limit=2, cursor=cursor)
    assert [each["text"] for each in second_page["messages"]] == ["0"]
    assert "metadata" not in second_page["messages"][0]
    since = await client.conversations_history(channel="C01SALES", oldest=stamps[1])
    assert [each["text"] for each in since["messages"]] == ["2"]
    since = await client.conversations_history(channel="C01SALES", oldest=stamps[1], inclusive=True)
    assert [each["text"] for each in since["messages"]] == ["2", "1"]


async def test_an_update_keeps_the_metadata_unless_it_sends_its_own(slack: Slack, client: AsyncWebClient) -> None:
    metadata = {"event_type": "digest", "event_payload": {"key": "k1"}}
    posted = await client.chat_postMessage(channel="C01SALES", text="a", metadata=metadata)
    await client.chat_update(channel="C01SALES", ts=posted["ts"], text="b")
    assert slack.messages("#sales")[0].metadata == metadata
    await client.api_call("chat.update", json={"channel": "C01SALES", "ts": posted["ts"], "text": "c", "metadata": {}})
    assert slack.messages("#sales")[0].metadata is None


async def test_a_text_only_update_removes_the_blocks_and_marks_the_message_edited(
    slack: Slack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C01SALES", text="Hello", blocks=[HEADER])
    where = {"channel": "C01SALES", "ts": posted["ts"]}
    response = await client.chat_update(**where, blocks=[HEADER, {"type": "divider"}], text="Hello")
    assert "edited" not in response["message"]
    assert len(slack.messages("#sales")[0].blocks) == 2
    await client.api_call("chat.update", json={**where, "metadata": {}})
    assert len(slack.messages("#sales")[0].blocks) == 2
    response = await client.chat_update(**where, text="Bye")
    assert slack.messages("#sales")[0].blocks == []
    assert "edited" in response["message"]


async def test_an_update_allows_less_text_than_a_post_and_needs_the_channel_id(
    slack: Slack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="U01ANNA", text="a" * 4_001)
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert (await refused(client.chat_update(**where, text="a" * 4_001)))["error"] == "msg_too_long"
    await client.chat_update(**where, text="a" * 4_000)
    person = client.chat_update(**{**where, "channel": "U01ANNA"}, text="a")
    assert (await refused(person))["error"] == "channel_not_found"


async def test_people_and_channels_of_other_organisations_are_marked(client: AsyncWebClient) -> None:
    ours, theirs = await client.users_info(user="U01ANNA"), await client.users_info(user="U03EVE")
    assert (ours["user"]["team_id"], ours["user"]["profile"]["email"]) == ("T01LOCAL", "anna@example.com")
    assert theirs["user"]["team_id"] == "T02ELSE"
    assert "email" not in theirs["user"]["profile"]
    assert (await client.conversations_info(channel="C02SHARED"))["channel"]["is_ext_shared"]
    assert (await refused(client.users_info(user="U99")))["error"] == "user_not_found"
    assert (await refused(client.conversations_info(channel="C99")))["error"] == "channel_not_found"


async def test_a_trigger_opens_one_view_and_expires_after_three_seconds(
    slack: Slack, bot: Any, client: AsyncWebClient, clock: Any
) -> None:
    first = await trigger(slack, bot)
    clock.now += 3
    await client.views_open(trigger_id=first, view=modal())
    assert slack.modal("anna").text == "Settings"
    assert (await refused(client.views_open(trigger_id=first, view=modal())))["error"] == "exchanged_trigger_id"
    second = await trigger(slack, bot)
    clock.now += 3.001
    assert (await refused(client.views_open(trigger_id=second, view=modal())))["error"] == "expired_trigger_id"
    assert (await refused(client.views_open(trigger_id="1.2.x", view=modal())))["error"] == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (modal(private_metadata="x" * 3001), "invalid_arguments"),
        (modal(*[HEADER] * 101), "invalid_arguments"),
        (modal(title={"type": "plain_text", "text": "x" * 25}), "invalid_arguments"),
        ({**modal(INPUT), "submit": None}, "invalid_arguments"),
        ({"type": "home", "blocks": []}, "invalid_arguments"),
        (modal(*[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 90), "view_too_large"),
    ],
)
async def test_views_have_size_limits(view: Json, error: str, slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    response = await refused(client.views_open(trigger_id=await trigger(slack, bot), view=view))
    assert response["error"] == error


async def test_a_stale_hash_causes_a_conflict(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    opened = (await client.views_open(trigger_id=await trigger(slack, bot), view=modal()))["view"]
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(INPUT))
    late = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert (await refused(late))["error"] == "hash_conflict"
    assert slack.modal("anna").blocks[0]["type"] == "input"


async def test_at_most_three_modals_can_be_stacked(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=await trigger(slack, bot), view=modal())
    for _ in range(2):
        await client.views_push(trigger_id=await trigger(slack, bot), view=modal())
    fourth = client.views_push(trigger_id=await trigger(slack, bot), view=modal())
    assert (await refused(fourth))["error"] == "push_limit_reached"


async def test_a_form_can_be_filled_in_and_submitted(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=await trigger(slack, bot), view=modal(INPUT, callback_id="settings"))

    async def object_(_bot: Any, _payload: Json) -> Json:
        return {"response_action": "errors", "errors": {"tier": "No such tier"}}

    bot.answer = object_
    refusal = await slack.submit_view("anna", slack.modal("anna"), {"tier_text": "platnum"})
    state = bot.payloads[-1]["view"]["state"]["values"]
    assert state == {"tier": {"tier_text": {"type": "plain_text_input", "value": "platnum"}}}
    assert bot.payloads[-1]["view"]["callback_id"] == "settings"
    assert refusal.view.errors == {"tier": "No such tier"}
    assert slack.modal("anna") is not None

    async def accept(_bot: Any, _payload: Json) -> None:
        return None

    bot.answer = accept
    await slack.submit_view("anna", slack.modal("anna"), {"tier": "gold"})
    assert slack.modal("anna") is None


async def test_home_is_published_when_opened(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    async def publish(_bot: Any, payload: Json) -> None:
        await client.views_publish(user_id=payload["event"]["user"], view={"type": "home", "blocks": [HEADER]})

    bot.answer = publish
    answer = await slack.open_home("anna")
    assert bot.payloads[0]["event"]["type"] == "app_home_opened"
    assert answer.view.where == "home"
    assert slack.home("anna").blocks[0]["type"] == "header"
    assert slack.home("ben") is None


async def test_a_retried_event_is_marked_and_keeps_its_id(slack: Slack, bot: Any) -> None:
    await slack.event("anna", {"type": "app_mention", "channel": "C01SALES", "text": "hi"}, event_id="Ev1")
    await slack.event("anna", {"type": "app_mention", "channel": "C01SALES", "text": "hi"}, event_id="Ev1", retry=1)
    assert [each["event_id"] for each in bot.payloads] == ["Ev1", "Ev1"]
    assert bot.requests[1][0]["X-Slack-Retry-Num"] == "1"


async def test_an_external_select_asks_the_bot_for_its_options(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    placeholder = {"type": "plain_text", "text": "Client"}
    select = {"type": "external_select", "action_id": "client", "placeholder": placeholder}
    block = {"type": "actions", "elements": [select]}
    await client.chat_postMessage(channel="C01SALES", text="Which?", blocks=[block])

    async def choices(_bot: Any, payload: Json) -> Json:
        return {"options": [{"text": {"type": "plain_text", "text": payload["value"]}, "value": "1"}]}

    bot.answer = choices
    answer = await slack.options("anna", slack.messages("#sales")[0], "client", "Acm")
    assert [each["text"]["text"] for each in answer.options] == ["Acm"]


async def test_a_click_in_a_channel_carries_the_message_and_the_persons_own_team(
    slack: Slack, bot: Any, client: AsyncWebClient
) -> None:
    button = {"type": "button", "action_id": "ack", "text": {"type": "plain_text", "text": "Seen"}, "value": "1"}
    await client.chat_postMessage(channel="C02SHARED", text="Alert", blocks=[{"type": "actions", "elements": [button]}])
    await slack.click("eve", slack.messages("#acme-and-us")[0], "Seen", wait=0)
    payload = bot.payloads[-1]
    assert payload["user"]["team_id"] == "T02ELSE"
    assert payload["team"]["id"] == "T01LOCAL"
    assert payload["message"]["text"] == "Alert"
    assert payload["container"]["is_ephemeral"] is False


async def test_a_response_carries_the_tokens_scopes_and_the_time() -> None:
    async with Slack(workspace=Workspace(scopes=("commands", "chat:write")), clock=lambda: 1_700_000_000.0) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        headers = (await client.auth_test()).headers
        assert headers["X-OAuth-Scopes"] == "commands,chat:write"
        assert headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        stranger = AsyncWebClient(token="xoxb-other", base_url=slack.api_url, retry_handlers=[])
        with pytest.raises(SlackApiError) as refusal:
            await stranger.auth_test()
        assert "x-oauth-scopes" not in refusal.value.response.headers


@pytest.mark.parametrize(
    ("method", "params", "needed"),
    [
        ("users.info", {"user": "U01ANNA"}, "users:read"),
        ("conversations.open", {"users": "U01ANNA"}, "im:write"),
        ("conversations.history", {"channel": "C01GENERAL"}, "channels:history"),
        ("conversations.info", {"channel": "C01GENERAL"}, "channels:read"),
        ("conversations.history", {"channel": "G01SECRET"}, "groups:history"),
        ("files.info", {"file": "F1"}, "files:read"),
    ],
)
async def test_a_call_without_its_scope_is_refused_naming_the_scope(method: str, params: dict, needed: str) -> None:
    channels = (Channel("C01GENERAL", "general"), Channel("G01SECRET", "secret", is_private=True))
    async with Slack(workspace=Workspace(channels=channels, scopes=("chat:write",))) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        response = await refused(client.api_call(method, params=params))
        assert (response["error"], response["needed"], response["provided"]) == ("missing_scope", needed, "chat:write")
        assert (await client.chat_postMessage(channel="C01GENERAL", text="x"))["ok"]
