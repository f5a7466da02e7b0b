"""`/clients` and `/why` at the front door: the table, the window of one client, and what they may not show."""

from office import Office, said

from bot.terminal import render


def seen(view) -> str:
    """A window in one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


async def test_clients_come_as_a_table_with_those_of_most_points_first(office: Office):
    answer = await office.slack.command("ana", "/clients")
    assert "Partner A: 420.00 points from 1 client" in said(answer)
    assert "Acme 420.00 270.00 150.00 −180.00 on 5 Oct 2022" in said(answer)


async def test_a_click_opens_the_client_in_a_window_skeleton_first(office: Office):
    answer = await office.slack.command("ana", "/clients")
    clicked = await office.slack.click("ana", answer.message, "Open")
    await office.slack.state.screen.until(lambda: len(office.slack.state.screen.stream) > 2, 5)
    first, last = [each for each in office.slack.state.screen.stream if each.where == "modal"]
    assert "One moment" in seen(first)
    assert first.view_id == last.view_id
    assert "Acme: 420.00 points" in seen(last)
    assert "5 Oct 2021 assisted net-new, Marketing Hub, US$6,000.00 – 🟢 180.00 active until 5 Oct 2022" in seen(last)
    assert "MRR today US$15,000.00, twelve months ago US$12,000.00" in seen(last)
    assert "agreement A1, until 31 Oct 2022" in seen(last)
    assert clicked.sent.error is None
    assert office.slack.journal.errors == []
