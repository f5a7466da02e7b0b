"""`/clients` and `/why` at the front door: the table, the client window, and what they must not reveal."""

import pytest

from bot.playground.local_slack import faults
from bot.terminal.render import render
from tests.support.served_bot import ServedBot, table_in, text_of
from tests.support.waiting import TIMEOUT


def view_text(view) -> str:
    """A window as one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


async def test_clients_are_a_table_sorted_by_points(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/clients")
    assert "Partner A: 420 points from 1 client" in text_of(answer)
    assert "Acme 420 270 150 −180 on 5 Oct 2022" in text_of(answer)


async def test_a_click_opens_the_client_in_a_window_that_loads_first(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/clients")
    clicked = await tierbot.slack.click("ana", answer.message, "Open")
    assert await tierbot.slack.state.screen.until(lambda: len(tierbot.slack.state.screen.stream) > 2, TIMEOUT)
    first, last = [each for each in tierbot.slack.state.screen.stream if each.where == "modal"]
    assert "One moment" in view_text(first)
    assert first.view_id == last.view_id
    assert "Acme: 420 points" in view_text(last)
    assert "5 Oct 2021 assisted net-new, Marketing Hub, US$6,000: 🟢 180 active until 5 Oct 2022" in view_text(last)
    assert "MRR today US$15,000, 12 months ago US$12,000" in view_text(last)
    assert "agreement A1, until 31 Oct 2022" in view_text(last)
    assert clicked.sent.error is None
    assert tierbot.slack.journal.errors == []


async def test_why_lists_the_credits_behind_a_figure_with_rate_rule_and_expiry(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/why", "sold")
    sold, [head, first, *_, total] = text_of(answer), table_in(answer)
    assert "Partner A: 270 sold points from 2 sales" in sold
    assert head == ["Client", "Points", "From", "MRR × rate", "Expires"]
    sale = "Marketing Hub: assisted sale S1 on 5 Oct 2021"
    assert first == ["Acme", "180", sale, "US$6,000 × 3 [1]", "5 Oct 2022"]
    assert total[:2] == ["Total of 2 sales", "270"]
    assert "[1] 3 points per US$100, assisted, 2021 rules: hubspot.com/partners/how-tiers-work" in sold
    managed = text_of(await tierbot.slack.command("ana", "/why", "managed"))
    assert "managed since 1 Jan 2021, agreement A1" in managed
    assert "1 Nov 2022: agreement ends" in managed


async def test_a_window_links_from_figure_to_figure(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/gap")
    await tierbot.slack.click("ana", answer.message, "Why?")
    stream = tierbot.slack.state.screen.stream
    assert await tierbot.slack.state.screen.until(lambda: "420 combined points" in view_text(stream[-1]), TIMEOUT)
    await tierbot.slack.click("ana", stream[-1], "Managed")
    assert await tierbot.slack.state.screen.until(lambda: "150 managed points" in view_text(stream[-1]), TIMEOUT)
    assert stream[-1].view_id == stream[-2].view_id
    assert tierbot.slack.journal.errors == []


NOT_OPENED = pytest.mark.parametrize(
    "fault",
    [faults.EXPIRED_TRIGGER, faults.rate_limited(1), faults.server_error(), faults.RESET],
    ids=lambda it: it.name,
)


@NOT_OPENED
async def test_the_answer_is_a_message_if_its_window_cannot_be_opened(tierbot: ServedBot, fault):
    answer = await tierbot.slack.command("ana", "/clients")
    tierbot.slack.faults.add("views.open", fault)
    clicked = await tierbot.slack.click("ana", answer.message, "Open")
    assert "Acme: 420 points" in text_of(clicked)


@NOT_OPENED
async def test_a_question_from_home_is_answered_by_message_if_no_window_can_be_opened(tierbot: ServedBot, fault):
    home = await tierbot.slack.open_home("ana", wait=TIMEOUT)
    home = await tierbot.slack.click("ana", home.shown[-1], "Points breakdown")
    tierbot.slack.faults.add("views.open", fault)
    await tierbot.slack.click("ana", home.shown[-1], "Open", wait=0)
    mine = tierbot.slack.directory.direct_message("U0ANA")
    assert await tierbot.slack.until(lambda: tierbot.slack.messages(mine), TIMEOUT)
    assert "Acme: 420 points" in view_text(tierbot.slack.messages(mine)[-1])


async def test_a_form_that_cannot_be_opened_asks_to_try_again(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/digest")
    tierbot.slack.faults.add("views.open", faults.server_error())
    clicked = await tierbot.slack.click("ana", answer.message, "Notifications")
    assert text_of(clicked) == "Slack couldn't open the window. Press the button again."


async def test_a_failed_update_of_a_window_is_retried(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/clients")
    tierbot.slack.faults.add("views.update", faults.server_error())
    await tierbot.slack.click("ana", answer.message, "Open")
    stream = tierbot.slack.state.screen.stream
    assert await tierbot.slack.state.screen.until(lambda: "Acme: 420 points" in view_text(stream[-1]), TIMEOUT)


async def test_stacked_windows_end_in_an_update_of_the_top_one(tierbot: ServedBot):
    """Slack allows three stacked windows."""
    answer = await tierbot.slack.command("ana", "/gap")
    stream = tierbot.slack.state.screen.stream

    async def settled(text: str) -> None:
        assert await tierbot.slack.state.screen.until(lambda: text in view_text(stream[-1]), TIMEOUT), view_text(
            stream[-1]
        )

    await tierbot.slack.click("ana", answer.message, "Why?")
    await settled("combined points")
    for _ in range(4):
        await tierbot.slack.click("ana", stream[-1], "Standing")
        await settled("225 points to Platinum")
        await tierbot.slack.click("ana", stream[-1], "Why?")
        await settled("combined points")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Acme", "Acme: 420 points"),
        ("acme", "Acme: 420 points"),
        ('"C1"', "Acme: 420 points"),
        ("by name", "Partner A: 420 points from 1 client"),
        ("by expiry page 1", "Partner A: 420 points from 1 client"),
        ("Amce", "This partner has no client called “Amce”."),
        ("Verborgen", "This partner has no client called “Verborgen”."),
        ("C3", "This partner has no client called “C3”."),
    ],
)
async def test_a_client_is_found_by_name_or_id_among_visible_ones(tierbot: ServedBot, text: str, first: str):
    assert text_of(await tierbot.slack.command("ana", "/clients", text)).startswith(first)


@pytest.mark.parametrize("text", ["Acme Partner A", '"Partner A" Acme', "acme pa"])
async def test_a_cam_can_name_client_and_partner_in_either_order(tierbot: ServedBot, text: str):
    assert text_of(await tierbot.slack.command("carla", "/clients", text)).startswith("Acme: 420 points")


async def test_a_cam_naming_only_the_client_is_asked_for_the_partner(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/clients", "Acme")
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert text_of(clicked).startswith("Acme: 420 points")


async def test_another_partners_share_of_a_client_is_not_shown(tierbot: ServedBot):
    """Partner A manages Acme, and partner PD sold it one line."""
    text = text_of(await tierbot.slack.command("carla", "/clients", "Acme PD"))
    assert "Service Hub" in text
    assert "US$6,000" not in text, "the sales of Partner A are its own"
    assert "A1" not in text, "and so are its agreements"
