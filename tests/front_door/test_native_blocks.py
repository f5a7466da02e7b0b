"""Native tables and charts: tried once, trusted then; by other means where a workspace refuses them."""

from tests.support.served_bot import Office, said
from tests.support.waiting import ENOUGH


async def test_the_first_table_is_sent_where_slack_answers_and_the_next_rides_in_the_acknowledgement(office: Office):
    first = await office.slack.command("ana", "/clients")
    assert first.sent.body == ""
    assert [each["type"] for each in first.blocks].count("data_table") == 1
    second = await office.slack.command("ana", "/clients")
    assert "data_table" in str(second.sent.body)


async def test_a_workspace_that_refuses_tables_gets_sections_with_the_same_buttons(office: Office):
    office.slack.unsupported_types.add("data_table")
    answer = await office.slack.command("ana", "/clients")
    assert "data_table" not in [each["type"] for each in answer.blocks]
    assert "Acme Points 420 · Sold 270 · Managed 150 · Next drop −180 on 5 Oct 2022" in said(answer)
    await office.slack.click("ana", answer.message, "Open")
    stream = office.slack.state.screen.stream
    assert await office.slack.state.screen.until(
        lambda: stream[-1].where == "modal" and len(stream[-1].blocks) > 3, ENOUGH
    )
    refused = len(office.slack.journal.errors)
    again = await office.slack.command("ana", "/clients")
    assert "Acme" in said(again)
    assert len(office.slack.journal.errors) == refused, "it is not tried again"


async def test_what_was_taken_once_and_is_refused_now_is_shown_by_other_means_from_then_on(office: Office):
    await office.slack.command("ana", "/clients")
    office.slack.unsupported_types.add("data_table")
    lost = await office.slack.command("ana", "/clients")
    assert lost.sent.error == "invalid_blocks", "an acknowledgement can't be taken back"
    clicked = await office.slack.click("ana", (await office.slack.command("ana", "/tier")).message, "Clients")
    assert "Acme Points 420" in said(clicked)
    for _ in range(2):
        assert "Acme Points 420" in said(await office.slack.command("ana", "/clients"))
