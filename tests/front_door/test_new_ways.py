"""Ways through several windows: from a what-if to a deal, from a plan to a goal and back, and sharing from a window."""

from datetime import UTC, datetime
from pathlib import Path

from bot.playground.local_slack.state.workspace import Channel
from tests.support.alerts import rows
from tests.support.controls import use, window_of, windows_open
from tests.support.delivered import all_delivered, messages_to, wait_for_messages
from tests.support.pipeline import import_deals
from tests.support.served_bot import ServedBot, text_of
from tests.support.typed import current
from tests.support.waiting import wait_until
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import PipelineDealRow, SaleRow

SALE = "sell 7,500 sourced Marketing Hub to Acme 20 Sep"
COMING = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-10-04,95,ana@example.com"


async def home_says(tierbot: ServedBot, text: str, *, is_said: bool = True) -> None:
    def says() -> bool:
        home = tierbot.slack.home("ana")
        return home is not None and (text in text_of(home)) is is_said

    await wait_until(says, f"Home {'says' if is_said else 'no longer says'} {text!r}")


async def test_a_what_if_changed_in_its_window_is_kept_as_a_deal_from_there(tierbot: ServedBot):
    answer = (await tierbot.slack.command("ana", "/whatif", SALE)).message
    window = await use(tierbot, "ana", answer, "Change it")
    await tierbot.slack.submit_view("ana", window, {"mrr_0": "8,000"})
    changed = await window_of(tierbot, "ana", "Sell US$8,000 of Marketing Hub")
    assert rows(tierbot, PipelineDealRow) == []
    await tierbot.slack.click("ana", changed, "Keep as pipeline")
    form = await window_of(tierbot, "ana", "Expected day")
    checked = (await tierbot.slack.submit_view("ana", form, {"probability": "60"})).shown[-1]
    assert checked.errors == {}
    await tierbot.slack.submit_view("ana", checked)
    await current(tierbot, "ana", "Saved")
    [deal] = rows(tierbot, PipelineDealRow)
    assert (deal.partner_id, deal.client_id, deal.product_line) == ("PA", "C1", "Marketing Hub")
    listed = text_of(await tierbot.slack.command("ana", "/pipeline"))
    assert "20 Sep 2022" in listed
    assert "US$8,000" in listed
    assert tierbot.slack.journal.errors == []


async def test_a_deal_is_opened_from_its_row_in_a_window_and_won_moved_or_lost_there(
    tierbot: ServedBot, tmp_path: Path
):
    assert import_deals(tierbot.core.engine, tierbot.core.program, tmp_path / "deals", COMING).problems == []
    digest = (await tierbot.slack.command("ana", "/digest")).message

    async def card(when: str = "4 Oct"):
        window = await use(tierbot, "ana", digest, "Requirements")
        await tierbot.slack.click("ana", window, "Pipeline")
        listed = await window_of(tierbot, "ana", "Sure (90% or more)")
        await tierbot.slack.click("ana", listed, "Open", row=when)
        return await window_of(tierbot, "ana", "The deal with Acme is expected on")

    await tierbot.slack.click("ana", await card(), "Won")
    sale = await window_of(tierbot, "ana", "Deal type")
    assert len(rows(tierbot, PipelineDealRow)) == 1
    assert "5000" in text_of(sale)
    await tierbot.slack.click("ana", await card(), "New day")
    form = await window_of(tierbot, "ana", "Expected day")
    moved = (await tierbot.slack.submit_view("ana", form, {"expected_on": "2022-12-01"})).shown[-1]
    assert "is now expected on 1 Dec 2022" in text_of(moved)
    await tierbot.slack.click("ana", await card("1 Dec"), "Lost")
    await window_of(tierbot, "ana", "Lost: the deal with Acme")
    assert "no open deals" in text_of(await tierbot.slack.command("ana", "/pipeline"))
    assert len(rows(tierbot, SaleRow)) == 6
    assert tierbot.slack.journal.errors == []


async def test_a_goal_is_kept_above_home_followed_there_and_withdrawn_there(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    gap = await use(tierbot, "ana", home, "Gap")
    await tierbot.slack.click("ana", gap, "Plan")
    plan = await window_of(tierbot, "ana", "The cheapest way")
    await tierbot.slack.click("ana", plan, "Keep as goal")
    await window_of(tierbot, "ana", "is now the goal of Partner A")
    await home_says(tierbot, "is on track")
    again = await use(tierbot, "ana", tierbot.slack.home("ana"), "Plan")
    assert "The cheapest way" in text_of(again)
    await tierbot.slack.click("ana", tierbot.slack.home("ana"), "Withdraw goal")
    await home_says(tierbot, "is on track", is_said=False)
    assert [each.withdrawn_at is None for each in rows(tierbot, GoalRow)] == [False]
    assert tierbot.slack.journal.errors == []


async def test_an_answer_in_a_window_is_shared_from_there_and_is_still_below(tierbot: ServedBot):
    channel = Channel("C02PARTNERS", "partner-a", frozenset({"U0ANA", "U0CARLA"}), is_private=True)
    tierbot.slack.directory.change(channel)
    digest = (await tierbot.slack.command("ana", "/digest")).message
    standing = await use(tierbot, "ana", digest, "Requirements")
    window = await use(tierbot, "ana", standing, "Share")
    await tierbot.slack.submit_view("ana", window, {"share-channel": channel.channel_id})
    preview = await window_of(tierbot, "ana", "2 people in")
    await tierbot.slack.submit_view("ana", preview)
    shared = await window_of(tierbot, "ana", "Shared with")
    await wait_until(lambda: tierbot.slack.messages(channel.channel_id), "it is posted")
    [message] = tierbot.slack.messages(channel.channel_id)
    assert "Gold requirements" in text_of(message)
    await tierbot.slack.close_view("ana", shared)
    assert windows_open(tierbot, "ana") == 1
    assert text_of(await window_of(tierbot, "ana")) == text_of(standing)
    assert tierbot.slack.journal.errors == []


async def test_the_last_recalibration_leads_to_the_next_one_and_is_a_cams_to_ask(tierbot: ServedBot):
    last = (await tierbot.slack.command("ana", "/recalibration", "last")).message
    assert "15 Jul 2022" in text_of(last)
    following = (await tierbot.slack.click("ana", last, "Next recalibration")).message
    assert following.replaced
    assert "15 Jan 2023" in text_of(following)
    assert "15 Jul 2022" in text_of(await tierbot.slack.command("carla", "/recalibration", "last Partner A"))
    assert "Gold" not in text_of(await tierbot.slack.command("bea", "/recalibration", "last Partner A"))


async def test_a_monthly_digest_comes_on_its_day_and_on_no_monday_before(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monthly 15th 9:00")
    tierbot.clock.jump(datetime(2022, 9, 12, 7, 0, 1, tzinfo=UTC))
    await tierbot.bot.scheduler.tick()
    assert messages_to(tierbot, "U0ANA") == []
    tierbot.clock.jump(datetime(2022, 9, 15, 7, 0, 1, tzinfo=UTC))
    [digest] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "420 points" in digest
    await all_delivered(tierbot, "sent")
    assert "next on 15 Oct 2022" in text_of(await tierbot.slack.command("ana", "/digest", "status"))
