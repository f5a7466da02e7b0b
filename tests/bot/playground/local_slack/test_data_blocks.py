"""Charts and tables with buttons: clicked, and refused by workspaces that don't know them yet."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack.server import Slack

Json = dict[str, Any]


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def opening(client_id: str) -> Json:
    text = {"type": "plain_text", "text": "Open"}
    button = {"type": "button", "action_id": "client_open", "text": text, "value": client_id}
    return {"type": "action_cell", "element": button, "fallback": raw("Open")}


SPAN = {"type": "text", "text": "Bolt", "style": {"bold": True}}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [SPAN]}]}
POINTS = {"type": "raw_number", "value": 120, "text": "120"}
TABLE: Json = {
    "type": "data_table",
    "caption": "Clients",
    "rows": [
        [raw("Client"), raw("Points"), raw("More")],
        [raw("Acme"), POINTS, opening("C1")],
        [RICH, POINTS, opening("C2")],
    ],
}
SERIES = {"name": "Points", "data": [{"label": "Jan", "value": 1}]}
CHART: Json = {
    "type": "data_visualization",
    "title": "Points",
    "chart": {"type": "line", "series": [SERIES], "axis_config": {"categories": ["Jan"]}},
}


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    slack.state.rate_limits = False
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


@pytest.mark.parametrize(("row", "value"), [(None, "C1"), ("Acme", "C1"), ("Bolt", "C2")])
async def test_a_button_in_a_table_is_found_by_label_and_row(
    row: str | None, value: str, slack: Slack, bot: Any, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C01SALES", text="a", blocks=[TABLE])
    await slack.click("anna", slack.messages("#sales")[0], "Open", row=row, wait=0)
    action = bot.payloads[-1]["actions"][0]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "client_open", value)
    assert action["block_id"] == slack.messages("#sales")[0].blocks[0]["block_id"]


async def test_a_button_in_a_table_on_the_home_tab_can_be_clicked(
    slack: Slack, bot: Any, client: AsyncWebClient
) -> None:
    await client.views_publish(user_id="U01ANNA", view={"type": "home", "blocks": [TABLE, CHART]})
    await slack.click("anna", slack.home("anna"), "client_open", row="Bolt", wait=0)
    assert bot.payloads[-1]["actions"][0]["value"] == "C2"
    assert bot.payloads[-1]["container"]["type"] == "view"


async def test_a_missing_row_is_reported(slack: Slack, client: AsyncWebClient) -> None:
    button = {"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Open"}}
    blocks = [TABLE, {"type": "actions", "elements": [button]}]
    await client.chat_postMessage(channel="C01SALES", text="a", blocks=blocks)
    with pytest.raises(LookupError, match="no row begins with 'Cargo'; there is: "):
        await slack.click("anna", slack.messages("#sales")[0], "Open", row="Cargo")


async def test_a_workspace_can_refuse_valid_blocks(slack: Slack, bot: Any, client: AsyncWebClient) -> None:
    slack.unsupported_types.add("data_visualization")
    why = "unsupported type: data_visualization [json-pointer:/blocks/1/type]"
    response = await refused(client.chat_postMessage(channel="C01SALES", text="a", blocks=[TABLE, CHART]))
    assert (response["error"], response["response_metadata"]["messages"]) == ("invalid_blocks", [f"[ERROR] {why}"])
    home = await refused(client.views_publish(user_id="U01ANNA", view={"type": "home", "blocks": [CHART]}))
    assert home["errors"] == ["unsupported type: data_visualization [json-pointer:/view/blocks/0/type]"]

    async def answer(_bot: Any, _payload: Json) -> Json:
        return {"text": "a", "blocks": [TABLE, CHART]}

    bot.answer = answer
    sent = (await slack.command("anna", "/tier", wait=0)).sent
    assert (sent.error, sent.problems, sent.shown) == ("invalid_blocks", (why,), ())
    assert slack.journal.errors[-1] is sent
    status, response = await bot.respond(bot.payloads[-1], {"text": "a", "blocks": [TABLE, CHART]})
    assert (status, response["errors"]) == (400, [why])
    slack.unsupported_types.clear()
    await client.chat_postMessage(channel="C01SALES", text="a", blocks=[TABLE, CHART])


async def test_a_workspace_can_support_tables_without_buttons_in_them(slack: Slack, client: AsyncWebClient) -> None:
    slack.unsupported_types.add("action_cell")
    response = await refused(client.chat_postMessage(channel="C01SALES", text="a", blocks=[TABLE]))
    assert response["errors"][0] == "unsupported type: action_cell [json-pointer:/blocks/0/rows/1/2/type]"
