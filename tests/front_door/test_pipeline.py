"""Open deals at the front door: typed, listed, won, lost, moved, and asked about once; seen by nobody else."""

from pathlib import Path

import pytest

from bot.cli.ask import ask
from bot.notices import Notices
from bot.playground.local_slack.screen import Shown
from bot.wiring import create_services, open_conversation
from scheduler.delivery import NoLongerWanted
from tests.support.alerts import rows
from tests.support.pipeline import import_deals
from tests.support.served_bot import TODAY, ServedBot, text_of
from tests.support.typed import clicked, current, opened
from tests.support.waiting import wait_until
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.pipeline.service import PipelineDeals
from tiercore.storage.tables.ledger import PipelineDealRow, SaleRow
from tiercore.storage.tables.pipeline import PipelineAnswerRow

VALUES = {
    "client_id": "C1",
    "product_line": "Service Hub",
    "motion": "sourced",
    "mrr": "1000",
    "currency": "USD",
    "expected_on": "2022-10-01",
    "probability": "60%",
}
UNNAMED = {name: value for name, value in VALUES.items() if name != "client_id"}
COMING = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-10-04,95,ana@example.com"
PAST = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-01,95,ana@example.com"


def deals(tierbot: ServedBot, folder: Path, *lines: str) -> None:
    assert import_deals(tierbot.core.engine, tierbot.core.program, folder / "deals", *lines).problems == []


def asked(tierbot: ServedBot, user: str) -> list[Shown]:
    """The messages that ask the user about a deal past its day."""
    user_id = f"U0{user.upper()}"
    conversation = tierbot.slack.directory.direct_message(user_id)
    return [each for each in tierbot.slack.messages(conversation, user_id) if "Was the deal" in text_of(each)]


def service(tierbot: ServedBot) -> PipelineDeals:
    """The service of another replica."""
    return create_services(tierbot.core, tierbot.clock).pipeline


async def listed(tierbot: ServedBot, user: str = "ana", text: str = "") -> Shown:
    return (await tierbot.slack.command(user, "/pipeline", text)).shown[-1]


async def test_a_partner_adds_a_deal_without_a_proposal_edits_it_and_withdraws_it(tierbot: ServedBot):
    window = await opened(tierbot, "ana", "add deal")
    checked = (await tierbot.slack.submit_view("ana", window, VALUES)).shown[-1]
    assert "It earns nothing before it is closed." in text_of(checked)
    assert rows(tierbot, PipelineDealRow) == []
    await tierbot.slack.submit_view("ana", checked)
    saved = await current(tierbot, "ana", "Saved")
    assert "deal with Acme, sourced, Service Hub, US$1,000 expected on 1 Oct 2022" in text_of(saved)
    [deal] = rows(tierbot, PipelineDealRow)
    assert (deal.partner_id, deal.probability, deal.owner) == ("PA", 60, "ana@example.com")
    assert "US$1,000" in text_of(await listed(tierbot))

    editing = await clicked(tierbot, "ana", saved, "Edit")
    checked = (await tierbot.slack.submit_view("ana", editing, {"mrr": "1500", "probability": ""})).shown[-1]
    await tierbot.slack.submit_view("ana", checked)
    saved = await current(tierbot, "ana", "US$1,500")
    reason = await clicked(tierbot, "ana", saved, "Withdraw")
    await tierbot.slack.submit_view("ana", reason, {"reason": "a mistake"})
    await current(tierbot, "ana", "Withdrawn")
    assert rows(tierbot, PipelineDealRow) == []


async def test_a_new_client_is_named_and_a_deal_needs_one_or_the_other(tierbot: ServedBot):
    window = await opened(tierbot, "ana", "add deal")
    wrong = (await tierbot.slack.submit_view("ana", window, {**UNNAMED, "probability": "150"})).shown[-1]
    assert set(wrong.errors) == {"client_id", "probability"}
    named = {**UNNAMED, "client_name": "Neu GmbH", "country": "DE"}
    checked = (await tierbot.slack.submit_view("ana", wrong, named)).shown[-1]
    await tierbot.slack.submit_view("ana", checked)
    await current(tierbot, "ana", "Saved")
    assert "Neu GmbH (new)" in text_of(await listed(tierbot))


async def test_a_won_deal_opens_its_sale_filled_in_and_is_gone_once_the_sale_is_on_file(
    tierbot: ServedBot, tmp_path: Path
):
    deals(tierbot, tmp_path, COMING)
    card = await clicked(tierbot, "carla", await listed(tierbot, "carla", "Partner A"), "Open")
    window = await clicked(tierbot, "carla", card, "Won")
    checked = (await tierbot.slack.submit_view("carla", window, {"deal_type": "upsell"})).shown[-1]
    assert "Acme" in text_of(checked)
    assert len(rows(tierbot, PipelineDealRow)) == 1
    assert "5,000" in text_of(await listed(tierbot, "carla", "Partner A")), "it is open until the sale is saved"
    await tierbot.slack.submit_view("carla", checked)
    await current(tierbot, "carla", "Saved")
    assert len(rows(tierbot, SaleRow)) == 7
    assert "no open deals" in text_of(await listed(tierbot, "carla", "Partner A"))


async def test_a_lost_deal_is_open_no_longer_and_the_same_row_does_not_bring_it_back(
    tierbot: ServedBot, tmp_path: Path
):
    deals(tierbot, tmp_path, COMING)
    card = await clicked(tierbot, "ana", await listed(tierbot), "Open")
    await tierbot.slack.click("ana", card, "Lost")
    await current(tierbot, "ana", "Lost: the deal with Acme")
    assert "no open deals" in text_of(await listed(tierbot))
    deals(tierbot, tmp_path, COMING)
    assert "no open deals" in text_of(await listed(tierbot))
    deals(tierbot, tmp_path, COMING.replace("2022-10-04", "2022-11-04"))
    assert "4 Nov 2022" in text_of(await listed(tierbot)), "a row that expects another day is newer"


async def test_a_deal_is_moved_from_its_row(tierbot: ServedBot, tmp_path: Path):
    deals(tierbot, tmp_path, COMING)
    card = await clicked(tierbot, "ana", await listed(tierbot), "Open")
    form = await clicked(tierbot, "ana", card, "New day")
    assert (await tierbot.slack.submit_view("ana", form, {"expected_on": "2022-09-01"})).shown[-1].errors
    await tierbot.slack.submit_view("ana", form, {"expected_on": "2022-12-01"})
    assert "1 Dec 2022" in text_of(await listed(tierbot))


async def test_the_owner_of_a_deal_past_its_day_is_asked_once_however_often_it_is_imported(
    tierbot: ServedBot, tmp_path: Path
):
    deals(tierbot, tmp_path, PAST)
    await wait_until(lambda: bool(asked(tierbot, "ana")), "Ana is asked")
    for _ in range(3):
        deals(tierbot, tmp_path, PAST)
        await service(tierbot).ask_about_past()
    deals(tierbot, tmp_path, PAST, "D2,PB,C4,,,Sales Hub,sourced,10,USD,2022-09-02,,nobody@example.com")
    await wait_until(lambda: bool(asked(tierbot, "bea")), "the partner's own people, where the owner is unknown")
    assert [len(asked(tierbot, user)) for user in ("ana", "bea", "carla", "admin")] == [1, 1, 0, 0]
    [message] = asked(tierbot, "ana")
    assert "Was the deal with Acme closed? It was expected on 1 Sep 2022." in text_of(message)
    await tierbot.slack.click("ana", message, "Later")
    await wait_until(lambda: "later" in {each.outcome for each in rows(tierbot, PipelineAnswerRow)}, "it is put off")
    assert await service(tierbot).ask_about_past() == 0


async def test_a_moved_day_is_asked_about_once_more(tierbot: ServedBot, tmp_path: Path):
    deals(tierbot, tmp_path, PAST)
    await wait_until(lambda: len(asked(tierbot, "ana")) == 1, "Ana is asked")
    deals(tierbot, tmp_path, PAST.replace("2022-09-01", "2022-09-03"))
    await wait_until(lambda: len(asked(tierbot, "ana")) == 2, "and about the new day")
    deals(tierbot, tmp_path, PAST.replace("2022-09-01", "2022-09-03"))
    assert await service(tierbot).ask_about_past() == 0


async def test_whoever_cannot_see_the_deal_any_more_is_not_asked_and_the_next_is(tierbot: ServedBot, tmp_path: Path):
    deals(tierbot, tmp_path, PAST)
    await wait_until(lambda: bool(asked(tierbot, "ana")), "Ana is asked")
    content = {"kind": "pipeline_deal", "deal": "D1", "day": "2022-09-01"}
    queued = ClaimedMessage(1, "k", "T01LOCAL", "U0BEA", content, 0, None, tierbot.clock(), tierbot.clock())
    async with open_conversation(tierbot.core) as (conversation, _):
        services = create_services(tierbot.core, tierbot.clock)
        with pytest.raises(NoLongerWanted, match="can no longer see it"):
            await Notices(conversation.answers, services, lambda: TODAY).about(queued)
    assert [each.asked_for for each in rows(tierbot, PipelineAnswerRow)] == [None]


async def test_progress_draws_open_deals_as_lines_of_their_own_and_counts_none_of_them(
    tierbot: ServedBot, tmp_path: Path
):
    before = (await tierbot.slack.command("ana", "/progress")).shown[-1]
    deals(tierbot, tmp_path, COMING, COMING.replace("D1", "D2").replace(",95,", ",,"))
    after = (await tierbot.slack.command("ana", "/progress")).shown[-1]
    assert "If all of the pipeline closes: " in text_of(after)
    assert " points on 15 Jan 2023 (sure ones alone: " in text_of(after)
    lines = series(after)
    assert lines.keys() - series(before).keys() == {"With sure deals", "With all deals"}
    assert {name: lines[name] for name in series(before)} == series(before), "the points are what they were"
    today = list(lines["Combined"]).index("Today")
    for name in ("With sure deals", "With all deals"):
        assert list(lines[name].values())[: today + 1] == list(lines["Combined"].values())[: today + 1]
        assert lines[name]["→ Oct"] > lines["Combined"]["→ Oct"]


def series(shown: Shown) -> dict[str, dict[str, float]]:
    """The lines of the chart, each with its value for each label."""
    [chart] = [each["chart"] for each in shown.blocks if each["type"] == "data_visualization"]
    return {line["name"]: {point["label"]: point["value"] for point in line["data"]} for line in chart["series"]}


async def test_the_pipeline_as_one_json_object(tierbot: ServedBot, tmp_path: Path):
    deals(tierbot, tmp_path, COMING, PAST.replace("D1", "D2"))
    response = await ask(tierbot.core, "/pipeline", "ana@example.com", TODAY)
    assert response.ok
    record = response.record
    assert (record["question"], record["partner"]["id"]) == ("pipeline", "PA")
    assert [(each["deal_id"], each["class"], each["points"]) for each in record["deals"]] == [
        ("D1", "sure", {"sourced": "150.00", "managed": "50.00"})
    ]
    assert [each["deal_id"] for each in record["past_their_day"]] == ["D2"]
    assert record["classes"]["all"]["points"] == "200.00"
    foreign = await ask(tierbot.core, '/pipeline "Partner A"', "bea@example.com", TODAY)
    assert not foreign.ok
