"""Commands, clicks and response_urls as people and bots use them."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from bot.playground.local_slack.errors import NothingShown
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.signing import signature

Json = dict[str, Any]
BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Acme*: 20 points to Gold"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "ask:gap", "text": {"type": "plain_text", "text": "Gap"}, "value": "acme"},
            {
                "type": "static_select",
                "action_id": "ask:list",
                "placeholder": {"type": "plain_text", "text": "Choose"},
                "options": [
                    {"text": {"type": "plain_text", "text": "Acme"}, "value": "p1"},
                    {"text": {"type": "plain_text", "text": "Bolt"}, "value": "p2"},
                ],
            },
        ],
    },
]


def answers(bot: Any, answer: Any) -> None:
    async def give(_bot: Any, _payload: Json) -> Any:
        return answer

    bot.answer = give


async def test_a_command_is_signed_and_form_encoded_with_every_field_slack_sends(slack: Slack, bot: Any) -> None:
    await slack.command("anna", "/tier", "acme & co", channel="#sales", wait=0)
    headers, body = bot.requests[0]
    fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
    assert headers["X-Slack-Signature"] == signature(slack.signing_secret, 1_700_000_000, body)
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert fields["text"] == "acme & co"
    assert (fields["team_id"], fields["channel_id"], fields["user_name"]) == ("T01LOCAL", "C01SALES", "anna")
    assert fields["is_enterprise_install"] == "false"
    assert fields["response_url"].startswith(slack.response_prefix)
    assert {"trigger_id", "api_app_id", "command", "team_domain", "channel_name", "user_id"} <= fields.keys()


async def test_an_answer_in_the_acknowledgement_is_visible_only_to_the_sender(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    answer = await slack.command("anna", "/tier")
    assert answer.text == "Hello"
    assert answer.message.ephemeral
    assert answer.message.user == "U01ANNA"
    assert slack.messages("#sales") == []
    assert [each.text for each in slack.messages("#sales", reader="anna")] == ["Hello"]
    assert slack.messages("#sales", reader="ben") == []


async def test_an_in_channel_answer_is_visible_to_everyone(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "response_type": "in_channel"})
    assert not (await slack.command("anna", "/tier")).message.ephemeral
    assert [each.text for each in slack.messages("#sales")] == ["Hello"]


async def test_a_plain_text_answer_is_accepted(slack: Slack, bot: Any) -> None:
    answers(bot, web.Response(text="just words"))
    assert (await slack.command("anna", "/tier")).text == "just words"


async def test_invalid_blocks_show_nothing_and_log_an_error_in_the_journal(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": ""}}]})
    answer = await slack.command("anna", "/tier", wait=0)
    assert answer.error == "invalid_blocks"
    assert answer.shown == ()
    assert slack.journal.sent[0].problems == ("must be more than 0 characters [json-pointer:/blocks/0/text/text]",)
    with pytest.raises(NothingShown, match="invalid_blocks"):
        _ = answer.message


async def test_a_bot_that_answers_too_late_causes_operation_timeout(bot: Any) -> None:
    never = asyncio.Event()

    async def hang(_bot: Any, _payload: Json) -> None:
        await never.wait()

    bot.answer = hang
    async with Slack(bot.url, ack_seconds=0.05) as slack:
        answer = await slack.command("anna", "/tier")
    never.set()
    assert (answer.error, answer.status) == ("operation_timeout", None)
    assert answer.seconds >= 0.05


async def test_an_unreachable_or_failing_bot_causes_dispatch_failed(slack: Slack, bot: Any) -> None:
    answers(bot, web.Response(status=500))
    assert (await slack.command("anna", "/tier")).error == "dispatch_failed"
    slack.bot_url = "http://127.0.0.1:9/"
    assert (await slack.command("anna", "/tier")).error == "dispatch_failed"


async def test_a_late_answer_arrives_through_the_response_url(slack: Slack, bot: Any) -> None:
    tasks = []

    async def later(bot: Any, payload: Json) -> None:
        tasks.append(asyncio.create_task(bot.respond(payload, {"text": "at last"})))

    bot.answer = later
    answer = await slack.command("anna", "/tier")
    assert answer.text == "at last"
    assert answer.message.ephemeral
    assert slack.journal.calls("response_url")[0].accepted


async def test_a_click_on_a_button_carries_its_value_and_its_answer_replaces_the_message(
    slack: Slack, bot: Any
) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    first = await slack.command("anna", "/tier")
    tasks = []

    async def replace(bot: Any, payload: Json) -> None:
        tasks.append(asyncio.create_task(bot.respond(payload, {"text": "The gap", "replace_original": True})))

    bot.answer = replace
    second = await slack.click("anna", first.message, "Gap")
    action = bot.payloads[-1]["actions"][0]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "ask:gap", "acme")
    assert bot.payloads[-1]["container"]["is_ephemeral"] is True
    assert "message" not in bot.payloads[-1]
    assert second.message.replaced
    assert second.message.ts == first.message.ts
    assert [each.text for each in slack.messages("#sales", reader="anna")] == ["The gap"]


@pytest.mark.parametrize("how", [("ask:list", "Bolt"), ("ask:list", "p2"), ("Bolt", None), ("p2", None)])
async def test_a_list_option_is_chosen_by_text_or_value(how: tuple[str, Any], slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    first = await slack.command("anna", "/tier")
    answers(bot, None)
    await slack.click("anna", first.message, *how, wait=0)
    assert bot.payloads[-1]["actions"][0]["selected_option"]["value"] == "p2"


async def test_clicking_a_missing_button_lists_the_existing_ones(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    first = await slack.command("anna", "/tier")
    with pytest.raises(LookupError, match=r"ask:gap \(Gap\), ask:list \(Choose\)"):
        await slack.click("anna", first.message, "Nope")


async def test_either_of_two_buttons_with_the_same_label_can_be_clicked(slack: Slack, bot: Any) -> None:
    alike = [{**BUTTONS[1]["elements"][0], "action_id": f"ask:{each}", "value": each} for each in "ab"]
    answers(bot, {"text": "Hello", "blocks": [{"type": "actions", "elements": alike}]})
    first = await slack.command("anna", "/tier")
    answers(bot, None)
    await slack.click("anna", first.message, first.blocks[0]["elements"][1], wait=0)
    assert bot.payloads[-1]["actions"][0]["value"] == "b"


async def test_a_message_visible_only_to_someone_else_cannot_be_clicked(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    first = await slack.command("anna", "/tier")
    with pytest.raises(LookupError, match="only U01ANNA sees this"):
        await slack.click("ben", first.message, "Gap")
    assert len(bot.payloads) == 1


async def test_the_list_of_buttons_contains_no_terminal_control_sequences(slack: Slack, bot: Any) -> None:
    label = {"type": "plain_text", "text": "\x1b[2JAcme"}
    button = {"type": "button", "action_id": "a", "text": label}
    answers(bot, {"text": "Hello", "blocks": [{"type": "actions", "elements": [button]}]})
    first = await slack.command("anna", "/tier")
    with pytest.raises(LookupError, match=r"a \(\[2JAcme\)"):
        await slack.click("anna", first.message, "Nope")


@pytest.mark.parametrize(
    "strange",
    [
        web.Response(body=b"\xff\xfe", content_type="text/plain", charset="utf-8"),
        web.Response(body=b"x", headers={"Content-Type": "text/plain; charset=no-such"}),
        web.Response(body=b'{"a":' * 20_000, content_type="application/json"),
    ],
)
async def test_every_response_of_the_bot_has_an_outcome(strange: web.Response, slack: Slack, bot: Any) -> None:
    answers(bot, strange)
    assert (await slack.command("anna", "/tier", wait=0)).status == 200


async def test_a_redirect_is_not_followed(slack: Slack, bot: Any) -> None:
    answers(bot, web.Response(status=302, headers={"Location": bot.url}))
    answer = await slack.command("anna", "/tier", wait=0)
    assert (answer.status, answer.error) == (302, "dispatch_failed")
    assert len(bot.payloads) == 1


async def test_a_lone_surrogate_in_a_value_is_sent_as_a_question_mark(slack: Slack, bot: Any) -> None:
    button = {**BUTTONS[1]["elements"][0], "value": "\ud800"}
    answers(bot, {"text": "Hello", "blocks": [{"type": "actions", "elements": [button]}]})
    first = await slack.command("anna", "/tier")
    answers(bot, None)
    await slack.click("anna", first.message, "Gap", wait=0)
    assert bot.payloads[-1]["actions"][0]["value"] == "?"


async def test_a_response_url_accepts_five_posts(slack: Slack, bot: Any) -> None:
    await slack.command("anna", "/tier", wait=0)
    statuses = [(await bot.respond(bot.payloads[0], {"text": str(number)}))[0] for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert slack.journal.errors[-1].error == "used_url"
    assert len(slack.messages("#sales", reader="anna")) == 5


async def test_a_response_url_expires_after_thirty_minutes(slack: Slack, bot: Any, clock: Any) -> None:
    await slack.command("anna", "/tier", wait=0)
    clock.now += 30 * 60
    assert (await bot.respond(bot.payloads[0], {"text": "in time"}))[0] == 200
    clock.now += 1
    assert await bot.respond(bot.payloads[0], {"text": "late"}) == (404, {"ok": False, "error": "expired_url"})


async def test_a_response_url_refuses_invalid_blocks(slack: Slack, bot: Any) -> None:
    await slack.command("anna", "/tier", wait=0)
    status, body = await bot.respond(bot.payloads[0], {"blocks": [{"type": "nonsense"}]})
    assert (status, body["error"]) == (400, "invalid_blocks")
    assert slack.messages("#sales", reader="anna") == []


async def test_the_original_message_can_be_deleted(slack: Slack, bot: Any) -> None:
    answers(bot, {"text": "Hello", "blocks": BUTTONS})
    first = await slack.command("anna", "/tier")
    answers(bot, None)
    await slack.click("anna", first.message, "Gap", wait=0)
    await bot.respond(bot.payloads[-1], {"delete_original": True})
    assert slack.messages("#sales", reader="anna") == []


async def test_mentions_are_escaped_if_the_manifest_says_so(bot: Any) -> None:
    async with Slack(bot.url, should_escape=True) as slack:
        await slack.command("anna", "/tier", "@anna in #general <now> & @nobody", wait=0)
    expected = "<@U01ANNA|anna> in <#C01GENERAL|general> &lt;now&gt; &amp; @nobody"
    assert bot.payloads[0]["text"] == expected


async def test_forged_requests_can_be_sent(slack: Slack, bot: Any) -> None:
    body = b"command=%2Ftier&text="
    answered = await slack.post(body, slack.signed(body, timestamp=1, secret="wrong"))
    assert answered.status == 200
    assert bot.requests[0][0]["X-Slack-Signature"] == signature("wrong", 1, body)
