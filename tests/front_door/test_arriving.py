"""A CAM invites a partner, who installs the app in its own workspace; the first minutes there, until all is set up."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, insert, select

from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.slack.scopes import SCOPES
from bot.wiring import Core, create_services
from handlers.typed_command import QUESTIONS
from tests.support.installed_app import PARTNERS, PUBLIC_URL, InstalledApp, installed_app
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import wait_until
from tiercore.access import SlackUser
from tiercore.notifications.subscriptions import current_subscriptions
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.workspaces import WorkspaceRow

PROGRAMS_OWN = ("look after", "CAMs", "admin", "/portfolio", "setup", "/tier here", "/tier invite")


@pytest.fixture
async def app(core: Core) -> AsyncIterator[InstalledApp]:
    async with installed_app(core, feedback_channel="C01SALES") as running:
        yield running


def messages(slack: Slack, user: str) -> list[Shown]:
    """What the bot has sent to someone unprompted."""
    channel = slack.state.directory.direct_message(user).channel_id
    return [each for each in slack.state.screen.stream if each.channel == channel]


async def message(slack: Slack, user: str, says: str) -> Shown:
    """The message to someone that says this, once it is there."""
    await wait_until(lambda: any(says in text_of(each) for each in messages(slack, user)), f"{user} is told {says!r}")
    return next(each for each in messages(slack, user) if says in text_of(each))


async def home_says(slack: Slack, user: str, says: str) -> Shown:
    """Someone's Home tab, opened, once it says this."""
    await slack.open_home(user)
    await wait_until(lambda: slack.home(user) is not None and says in text_of(slack.home(user)), f"Home says {says!r}")
    found = slack.home(user)
    assert found
    return found


async def test_a_partner_is_invited_installs_links_and_asks_and_its_cam_sees_each_step(app: InstalledApp):
    link = text_of(await app.slack.command("carla", "/tier", 'invite partner "Zweite GmbH"'))
    assert "It works once, within 14 days, and ties that workspace to Zweite GmbH." in link
    code = link.split(f"{PUBLIC_URL}/slack/install?invite=")[1].split()[0]
    other = app.slack.beside(PARTNERS)
    assert (await app.install(other, "U0NEW", code)).status == 200

    first = text_of(await message(other, "U0NEW", "tierbot is installed in Zweite GmbH"))
    assert "➡️ 1 Link yourself: nobody here is linked yet; your CAM approves it once" in first
    assert "Your CAM: Carla" in first
    news = await message(app.slack, "U0CARLA", "Zweite GmbH has installed tierbot")
    assert "Next: somebody there types /tier link, and I ask you to approve it" in text_of(news)

    asked = text_of(await other.command("bea", "/tier", "link bea@example.com"))
    assert "I've passed this to your CAM and the admins" in asked
    request = await message(app.slack, "U0CARLA", "asks to be linked to Bea")
    assert "Someone in the workspace Zweite GmbH asks to be linked" in text_of(request)
    done = await app.slack.click("carla", request, "Approve")
    assert "Someone in the workspace Zweite GmbH is now linked to Bea" in text_of(done)
    await message(other, "U0BEA2", "Welcome, Bea. You're linked.")
    told = await message(app.slack, "U0CARLA", "Bea is the first person linked in Zweite GmbH")
    assert "Zweite GmbH" in text_of(await app.slack.click("carla", told, "Where they stand"))
    assert "Zweite GmbH" in text_of(await other.command("bea", "/tier"))


async def test_nobody_but_the_programs_people_can_invite_a_partner(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    refused = text_of(await app.slack.command("ana", "/tier", "invite partner Partner A"))
    assert "Only this partner's CAM or CC, or an admin, can invite it." in refused
    there = text_of(await other.command("carla", "/tier", "invite partner Partner A"))
    assert there.startswith("That's for the people of your partner program.")
    again = text_of(await app.slack.command("carla", "/tier", 'invite partner "Zweite GmbH"'))
    assert "Zweite GmbH has installed tierbot already" in again


async def test_news_of_a_workspace_is_for_those_who_look_after_its_partner(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    served = await app.bot.workspaces.find("T01LOCAL")
    tell, content = served.listeners.arrivals.news, {"workspace": "T02ZWEITE", "news": "installed"}
    carla = SlackUser("T01LOCAL", "U0CARLA")
    assert "Zweite GmbH has installed tierbot." in (await tell(carla, content)).text
    assert await tell(carla, {**content, "news": "linked", "user": "U0BEA2"}) is None, "nobody is linked there"
    for user_id in ("U0ANA", "U0EVE"):
        assert await tell(SlackUser("T01LOCAL", user_id), content) is None
    with writing(app.core.engine) as connection:
        rows = table(PersonRow)
        connection.execute(delete(rows).where(rows.c.email == "carla@example.com", rows.c.partner_id == "PB"))
    assert await tell(carla, content) is None
    admin = SlackUser("T01LOCAL", "U0ADMIN")
    assert await tell(admin, content)
    await other.uninstall("bea")
    await wait_until(lambda: is_removed(app), "the app is removed")
    assert await tell(admin, content) is None


def is_removed(app: InstalledApp) -> bool:
    rows = table(WorkspaceRow)
    with reading(app.core.engine) as connection:
        return connection.scalar(select(rows.c.removed_at).where(rows.c.team_id == "T02ZWEITE")) is not None


async def test_home_invites_a_partner_until_it_has_installed_the_app(app: InstalledApp):
    await app.slack.open_home("carla")
    await wait_until(lambda: app.slack.home("carla") is not None, "Home is shown")
    await app.slack.click("carla", app.slack.home("carla"), "Zweite GmbH")
    await wait_until(lambda: "Invite this partner" in text_of(app.slack.home("carla")), "the button is there")
    window = (await app.slack.click("carla", app.slack.home("carla"), "Invite this partner")).view
    assert f"{PUBLIC_URL}/slack/install?invite=" in text_of(window)
    await app.beside(PARTNERS, "PB")
    await app.slack.open_home("carla")
    await wait_until(lambda: "Invite this partner" not in text_of(app.slack.home("carla")), "the button is gone")


async def test_home_shows_the_steps_until_they_are_done(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    page = await home_says(other, "bea", "1 Link yourself")
    window = (await other.click("bea", page, "Link me")).view
    await other.submit_view("bea", window, {"field": "bea@example.com"})
    await home_says(other, "bea", "you asked for bea@example.com; your CAM or an admin still has to approve it")
    await app.slack.click("carla", await message(app.slack, "U0CARLA", "asks to be linked to Bea"), "Approve")
    await message(other, "U0BEA2", "Welcome, Bea")

    page = await home_says(other, "bea", "➡️ 2 Invite colleagues")
    window = (await other.click("bea", page, "Invite colleagues")).view
    sent = await other.submit_view("bea", window, {"field": ["U0NEW", "U0BEA2"]})
    assert "1 colleague will get a message from me." in text_of(sent.view)
    invited = await message(other, "U0NEW", "invites you to tierbot")
    assert "Link me" in text_of(invited)
    page = await home_says(other, "bea", "➡️ 3 Choose a digest and alerts")
    again = (await other.click("bea", page, "Notifications")).view
    assert again is not None
    await other.command("bea", "/digest", "monday 9:00")
    await wait_until(lambda: services_have(app, "U0BEA2"), "the digest is subscribed to")
    page = await home_says(other, "bea", "Zweite GmbH")
    await wait_until(lambda: "Set up tierbot here" not in text_of(other.home("bea")), "the steps are gone")


def services_have(app: InstalledApp, user: str) -> bool:
    with reading(app.core.engine) as connection:
        return bool(current_subscriptions(connection, SlackUser("T02ZWEITE", user), channel=False))


async def test_installing_again_tells_the_second_person_and_nobody_twice(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    await message(other, "U0BEA2", "tierbot is installed in Zweite GmbH")
    for user in ("U0CARLA2", "U0CARLA2", "U0BEA2"):  # each with a new token: what is sent with the old one waits
        assert (await app.install(other, user, None)).status == 200
        await message(other, user, "tierbot is installed in Zweite GmbH")
    with reading(app.core.engine) as connection:
        outbox = table(OutboxRow)
        rows = connection.execute(select(outbox.c.team_id, outbox.c.place, outbox.c.key)).all()
    about = sorted((row.team_id, row.place) for row in rows if row.key.split(":")[0] in ("installed", "workspace_news"))
    assert about == [
        *(("T01LOCAL", "U0ADMIN"), ("T01LOCAL", "U0CARLA")),
        *(("T02ZWEITE", "U0BEA2"), ("T02ZWEITE", "U0CARLA2")),
    ]


async def test_what_slack_did_not_grant_is_said(app: InstalledApp):
    other = app.slack.beside(PARTNERS)
    app.slack.app.refuses = frozenset({"files:write"})
    assert (await app.install(other, "U0BEA2", None)).status == 200
    said = text_of(await message(other, "U0BEA2", "tierbot is installed in Zweite GmbH"))
    without = next(each.without for each in SCOPES if each.name == "files:write")
    assert f"Install it again to allow more. Until then: {without}" in said
    assert "This workspace isn't tied to your company yet: ask your partner program to do that" in said


async def test_nothing_in_a_partners_workspace_offers_what_only_the_program_has(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    people = create_services(app.core, app.clock).people
    await people.link(SlackUser("T02ZWEITE", "U0BEA2"), "bea@example.com")
    texts = [text_of(await other.command("bea", "/tier", "help"))]
    for word in QUESTIONS:
        if word != "portfolio":
            texts.append(text_of(await other.command("bea", f"/{word}", "help")))
    texts += [text_of(await other.command("bea", "/tier", each)) for each in ("setp", "invit", "heer", "portfolo")]
    for said in texts:
        assert not [each for each in PROGRAMS_OWN if each in said], said
    for word, text in (("/portfolio", ""), ("/portfolio", "help"), ("/tier", "portfolio")):
        said = text_of(await other.command("bea", word, text))
        assert said == "/portfolio is for the people of your partner program. Type /tier for your standing.", text
    for text in ("setup", "here PB", "invite ana@example.com"):
        said = text_of(await other.command("bea", "/tier", text))
        assert said.startswith("That's for the people of your partner program."), text


async def test_a_cam_in_a_partners_workspace_is_told_where_their_role_counts(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    await create_services(app.core, app.clock).people.link(SlackUser("T02ZWEITE", "U0CARLA2"), "carla@example.com")
    said = "You're linked to carla@example.com, but your role counts only in your program's own workspace."
    assert said in text_of(await other.command("carla", "/tier"))
    await home_says(other, "carla", said)


async def test_home_of_several_partners_in_their_workspace_has_no_portfolio(app: InstalledApp):
    other = await app.beside(PARTNERS, "PA", "PB")
    with writing(app.core.engine) as connection:
        row = {"email": "bea@example.com", "name": "Bea", "role": "partner", "partner_id": "PA"}
        connection.execute(insert(table(PersonRow)), [row])
    await create_services(app.core, app.clock).people.link(SlackUser("T02ZWEITE", "U0BEA2"), "bea@example.com")
    page = text_of(await home_says(other, "bea", "You have 2 partners. Choose one above to see its dashboard."))
    assert "/portfolio" not in page
    assert "for the people of your partner program" not in page


async def test_contacts_are_named_and_feedback_reaches_the_operator_from_a_partners_workspace(app: InstalledApp):
    other = await app.beside(PARTNERS, "PB")
    await create_services(app.core, app.clock).people.link(SlackUser("T02ZWEITE", "U0BEA2"), "bea@example.com")
    page = await home_says(other, "bea", "Contact my CAM or CC")
    contact = text_of((await other.click("bea", page, "Contact my CAM or CC")).view)
    assert "Carla, carla@example.com" in contact
    assert "U0CARLA" not in contact
    window = (await other.click("bea", page, "Send feedback")).view
    await other.submit_view("bea", window, {"field": "More charts"})
    posted = [text_of(each) for each in app.slack.state.screen.stream if each.channel == "C01SALES"]
    assert any("Someone in the workspace Zweite GmbH (bea@example.com) says: " in each for each in posted), posted


async def test_with_one_token_nobody_is_invited_to_install(tierbot: ServedBot):
    said = text_of(await tierbot.slack.command("carla", "/tier", 'invite partner "Zweite GmbH"'))
    assert "tierbot is set up for this workspace only, so Zweite GmbH can't install it elsewhere" in said
