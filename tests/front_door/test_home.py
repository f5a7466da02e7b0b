"""The Home tab: the dashboard for a partner, a CAM and a stranger, its forms, and its updates with new data."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.terminal.render import render
from tests.support.alerts import import_rows
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT
from tiercore.ingest.importing import import_folder
from tiercore.ingest.staging.runs import Outcome, begin, save
from tiercore.nightly import record
from tiercore.reports import Reports
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.people import FeedbackRow
from tiercore.verification.comparison import Differences
from tiercore.verification.verify import Verified


def view_text(view) -> str:
    """A tab or window as one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


async def window(tierbot: ServedBot, where: str = "modal"):
    stream = tierbot.slack.state.screen.stream

    def there() -> bool:
        shown = [each for each in stream if each.where == where]
        return bool(shown) and "One moment" not in view_text(shown[-1])

    assert await tierbot.slack.state.screen.until(there, TIMEOUT)
    return [each for each in stream if each.where == where][-1]


async def test_a_partner_sees_their_dashboard_tab_by_tab(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    assert "Welcome" in view_text(home)
    assert "225 points to Platinum" in view_text(home)
    assert "🟢 Sold minimum: met" in view_text(home)
    points = (await tierbot.slack.click("ana", home, "Points breakdown")).view
    assert "Partner A: 420 points from 1 client" in view_text(points)
    insights = (await tierbot.slack.click("ana", points, "Tier insights")).view
    assert "Managed clients only: US$22,500 of MRR" in view_text(insights)
    assert "330 points expire within 90 days" in view_text(insights)
    assert "Welcome" not in view_text(insights)
    assert tierbot.slack.journal.errors == []


async def test_home_opens_on_the_last_tab(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    await tierbot.slack.click("ana", home, "Tier insights")
    again = (await tierbot.slack.open_home("ana")).view
    assert "sold, managed or a mix" in view_text(again)


async def test_choices_on_home_are_shown_in_place_and_remembered(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    points = (await tierbot.slack.click("ana", home, "Points breakdown")).view
    numbers = (await tierbot.slack.click("ana", points, "Numbers")).view
    assert numbers.where == "home"
    assert "Chart" in view_text(numbers)
    assert "420 points from 1 client" in view_text(numbers)
    again = (await tierbot.slack.open_home("ana")).view
    assert view_text(again) == view_text(numbers)
    other = (await tierbot.slack.click("ana", again, "Tier performance")).view
    dollars = (await tierbot.slack.click("ana", other, "Dollar dashboard")).view
    assert dollars.where == "home"
    assert "Points dashboard" in view_text(dollars)
    assert tierbot.slack.journal.errors == []


@pytest.mark.parametrize(
    "forged",
    ['["points","PC","clients","by name"]', '["points","PA","audit","x"]', '["points","PA","clients"]', "[[]]"],
)
async def test_a_forged_home_state_shows_only_the_persons_own_data(tierbot: ServedBot, forged: str):
    event = {"type": "app_home_opened", "tab": "home", "view": {"private_metadata": forged}}
    home = (await tierbot.slack.event("ana", event, wait=TIMEOUT)).view
    assert "Partner A" in view_text(home)
    assert "Verborgen" not in view_text(home)


async def test_a_cam_can_choose_only_among_their_partners(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("carla")).view
    assert "You have 3 partners" in view_text(home)
    shown = (await tierbot.slack.click("carla", home, "Zweite GmbH")).view
    assert "Zweite GmbH: " in view_text(shown)
    for block in home.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "home:points":
                element["value"] = '["points","PC"]'
    forged = (await tierbot.slack.click("carla", home, "Points breakdown")).view
    assert "Verborgen" not in view_text(forged)
    assert "You have 3 partners" in view_text(forged)


async def test_all_partners_are_one_click_away_after_one_was_chosen(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("carla")).view
    assert "[ All partners ]" not in view_text(home)
    shown = (await tierbot.slack.click("carla", home, "Zweite GmbH")).view
    insights = (await tierbot.slack.click("carla", shown, "Tier insights")).view
    for page in (shown, insights):
        every = (await tierbot.slack.click("carla", page, "All partners")).view
        assert "3 partners: " in view_text(every)
    again = (await tierbot.slack.open_home("carla")).view
    assert view_text(again) == view_text(every)


async def test_a_page_that_took_long_never_takes_the_place_of_what_was_chosen_meanwhile(
    tierbot: ServedBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """New data comes while the list of all partners is shown; a partner is chosen while that is being renewed."""
    home = (await tierbot.slack.open_home("carla")).view
    begun, goes_on, states = asyncio.Event(), asyncio.Event(), Reports.states

    async def slow(*about, **more):
        begun.set()
        await goes_on.wait()
        return await states(*about, **more)

    monkeypatch.setattr(Reports, "states", slow)
    import_rows(tierbot, tmp_path / "more", "clients.csv", "C90,Neue Kundin,DE")
    async with asyncio.timeout(TIMEOUT):
        await begun.wait()
    chosen = (await tierbot.slack.click("carla", home, "Zweite GmbH")).view
    assert "Zweite GmbH" in view_text(chosen)
    stream = tierbot.slack.state.screen.stream
    seen = len(stream)
    goes_on.set()
    import_rows(tierbot, tmp_path / "more", "clients.csv", "C91,Noch eine Kundin,DE")
    assert await tierbot.slack.state.screen.until(lambda: len(stream) > seen, TIMEOUT)
    assert all("[ All partners ]" in view_text(each) for each in stream[seen:] if each.where == "home")


async def test_a_partners_verdict_is_the_first_thing_on_home(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    header = next(block for block in home.blocks if block["type"] == "header")
    assert header["text"]["text"].startswith(
        "🟠 Partner A: Gold kept on 15 Jan 2023, but its numbers are too low on 15 Nov"
    )
    assert view_text(home).index("Gold requirements") < view_text(home).index("Platinum requirements")


async def test_a_cam_sees_all_their_partners_and_an_admin_the_state_of_the_digests(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("carla")).view
    assert "3 partners: " in view_text(home)
    assert "Messages sent" not in view_text(home)
    admins = (await tierbot.slack.open_home("admin")).view
    assert "Digests, week of 5 Sep 2022: none due yet." in view_text(admins)


async def metrics_of(tierbot: ServedBot) -> str:
    url = f"http://127.0.0.1:{tierbot.bot.port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()


async def test_before_the_first_complete_sync_the_lag_is_no_number_of_seconds(tierbot: ServedBot):
    assert "tierbot_sync_lag_seconds NaN" in await metrics_of(tierbot)
    with writing(tierbot.core.engine) as connection:
        begin(connection, full=True, mapping="", now=datetime(2022, 9, 5, 3, 30, tzinfo=UTC))
    assert "tierbot_sync_lag_seconds +Inf" in await metrics_of(tierbot)


async def test_an_admin_sees_how_syncs_with_hubspot_are_doing(tierbot: ServedBot):
    assert "HubSpot" not in view_text((await tierbot.slack.open_home("admin")).view)
    began = datetime(2022, 9, 5, 3, 30, tzinfo=UTC)
    with writing(tierbot.core.engine) as connection:
        run = begin(connection, full=True, mapping="", now=began)
        save(connection, run.sync_id, outcome=Outcome.STORED)
    shown = view_text((await tierbot.slack.open_home("admin")).view)
    assert "HubSpot 🟢 In step with HubSpot as of 5 Sep 2022, 03:30 UTC." in shown
    with writing(tierbot.core.engine) as connection:
        run = begin(connection, full=True, mapping="", now=began)
        save(connection, run.sync_id, outcome=Outcome.FAILED, message="HubSpot refuses the token")
    shown = view_text((await tierbot.slack.open_home("admin")).view)
    assert "🔴 In step with HubSpot as of 5 Sep 2022, 03:30 UTC. The last sync isn't complete: HubSpot refuses" in shown
    assert "HubSpot" not in view_text((await tierbot.slack.open_home("carla")).view)
    metrics = await metrics_of(tierbot)
    assert "tierbot_sync_failed 1.0" in metrics
    assert f"tierbot_synced_timestamp_seconds {began.timestamp():.9g}" in metrics


async def test_an_admin_sees_whether_the_figures_were_equal_when_they_were_last_verified(tierbot: ServedBot):
    assert "Figures" not in view_text((await tierbot.slack.open_home("admin")).view)
    for differences, said in (
        (0, "🟢 all equal."),
        (1, "🔴 1 figure differs. The operator"),
        (3, "🔴 3 figures differ."),
    ):
        found = Verified(partners=4, differences=Differences(counts=Counter({("balance", "managed"): differences})))
        with writing(tierbot.core.engine) as connection:
            record(connection, found, datetime(2022, 9, 5, 3, 30, tzinfo=UTC))
        shown = view_text((await tierbot.slack.open_home("admin")).view)
        assert f"Verified on 5 Sep 2022 for 4 partners: {said}" in shown
        assert "Not verified since" not in shown
    assert "Figures" not in view_text((await tierbot.slack.open_home("carla")).view)


async def test_an_admin_sees_what_was_not_recounted_and_that_an_old_result_says_nothing(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        record(connection, Verified(partners=4, not_recounted=12), datetime(2022, 9, 5, 3, 30, tzinfo=UTC))
    shown = view_text((await tierbot.slack.open_home("admin")).view)
    assert "🟢 all others equal. 12 sold credits with deal-based credit not recounted." in shown
    tierbot.clock.jump(datetime(2022, 9, 7, 12, tzinfo=UTC))
    old = view_text((await tierbot.slack.open_home("admin")).view)
    assert "⚪ Not verified since 5 Sep 2022." in old
    assert "🟢 all" not in old


async def test_home_buttons_open_the_same_windows(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    await tierbot.slack.click("ana", home, "Why?")
    why = await window(tierbot)
    assert "420 combined points" in view_text(why)
    await tierbot.slack.click("ana", why, "Sold")
    assert await tierbot.slack.state.screen.until(
        lambda: "270 sold points" in view_text(tierbot.slack.state.screen.stream[-1]), TIMEOUT
    )


async def test_a_stranger_sees_how_to_be_linked_and_requests_it_in_a_window(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("eve")).view
    assert "don't know who you are yet" in view_text(home)
    form = (await tierbot.slack.click("eve", home, "Link me")).view
    wrong = (await tierbot.slack.submit_view("eve", form, {"field": "   "})).view
    assert wrong.errors == {"field": "Please write something."}
    right = (await tierbot.slack.submit_view("eve", form, {"field": "bea@example.com"})).view
    assert "You asked to be linked to bea@example.com" in view_text(right)
    assert await tierbot.slack.until(
        lambda: "You asked to be linked to bea@example.com" in view_text(tierbot.slack.home("eve")), TIMEOUT
    )
    assert "Link me" not in view_text(tierbot.slack.home("eve"))


async def test_feedback_is_stored_and_posted(tierbot: ServedBot, tmp_path):
    home = (await tierbot.slack.open_home("ana")).view
    form = (await tierbot.slack.click("ana", home, "Send feedback")).view
    thanks = (await tierbot.slack.submit_view("ana", form, {"field": "More <!channel> colours, please"})).view
    assert "Thank you" in view_text(thanks)
    feedback = table(FeedbackRow)
    with reading(tierbot.core.engine) as connection:
        rows = connection.execute(select(feedback.c.email, feedback.c.text)).all()
    assert rows == [("ana@example.com", "More <!channel> colours, please")]
    [posted] = tierbot.slack.state.screen.in_channel("C01SALES")
    assert "says: │ More <!channel> colours, please" in text_of(posted)
    assert "<!channel>" not in posted.text


async def test_contacts_are_the_partners(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    contact = (await tierbot.slack.click("ana", home, "Contact my CAM or CC")).view
    assert "CAM Carla, carla@example.com" in view_text(contact)


async def test_whats_new_is_three_lines_and_a_button_opens_the_releases(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    short = (await tierbot.slack.click("ana", home, "What's new")).view
    [lines] = [part for block in short.blocks for part in block.get("elements", ()) if part["type"] == "rich_text_list"]
    assert len(lines["elements"]) <= 3
    news = (await tierbot.slack.click("ana", short, "All changes")).view
    assert "Coming" in view_text(news)
    assert "0.1.0" in view_text(news)
    assert "tierbot migrate" not in view_text(news), "partners don't see the notes for operators"


async def test_home_shows_new_data(tierbot: ServedBot, tmp_path):
    home = (await tierbot.slack.open_home("ana")).view
    assert "225 points to Platinum" in view_text(home)
    more = "S9,PA,C1,Marketing Hub,upsell,assisted,7500.00,USD,2022-09-01"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "sales.csv").write_text(FOLDER["sales.csv"].splitlines()[0] + "\n" + more + "\n")
    import_folder(tierbot.core.engine, tierbot.core.program, tmp_path / "more", today=tierbot.core.settings.today_is())
    stream = tierbot.slack.state.screen.stream
    assert await tierbot.slack.state.screen.until(lambda: "performing tier: Platinum" in view_text(stream[-1]), TIMEOUT)


async def test_only_a_partner_can_contact_a_cam_and_notifications_are_offered_once(tierbot: ServedBot):
    partners, cams = [(await tierbot.slack.open_home(who)).view for who in ("ana", "carla")]
    assert "Contact my CAM or CC" in view_text(partners)
    assert "Contact my CAM or CC" not in view_text(cams)
    assert [view_text(each).count("Notifications") for each in (partners, cams)] == [1, 1]
