"""Native tables and charts: tried once and then relied on, or replaced where a workspace refuses them."""

from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT


async def test_the_first_table_is_posted_and_the_next_is_in_the_acknowledgement(tierbot: ServedBot):
    first = await tierbot.slack.command("ana", "/clients")
    assert first.sent.body == ""
    assert [each["type"] for each in first.blocks].count("data_table") == 1
    second = await tierbot.slack.command("ana", "/clients")
    assert "data_table" in str(second.sent.body)


async def test_a_workspace_that_refuses_tables_gets_sections_with_the_same_buttons(tierbot: ServedBot):
    tierbot.slack.unsupported_types.add("data_table")
    answer = await tierbot.slack.command("ana", "/clients")
    assert "data_table" not in [each["type"] for each in answer.blocks]
    assert "Acme Points: 420 · Sold: 270 · Managed: 150 · Next drop: −180 on 5 Oct 2022" in text_of(answer)
    await tierbot.slack.click("ana", answer.message, "Open")
    stream = tierbot.slack.state.screen.stream
    assert await tierbot.slack.state.screen.until(
        lambda: stream[-1].where == "modal" and len(stream[-1].blocks) > 3, TIMEOUT
    )
    refused = len(tierbot.slack.journal.errors)
    again = await tierbot.slack.command("ana", "/clients")
    assert "Acme" in text_of(again)
    assert len(tierbot.slack.journal.errors) == refused, "it is not tried again"


async def test_a_block_that_slack_stops_accepting_is_replaced_from_then_on(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/clients")
    tierbot.slack.unsupported_types.add("data_table")
    lost = await tierbot.slack.command("ana", "/clients")
    assert lost.sent.error == "invalid_blocks", "an acknowledgement can't be changed"
    clicked = await tierbot.slack.click("ana", (await tierbot.slack.command("ana", "/tier")).message, "Clients")
    assert "Acme Points: 420" in text_of(clicked)
    for _ in range(2):
        assert "Acme Points: 420" in text_of(await tierbot.slack.command("ana", "/clients"))
