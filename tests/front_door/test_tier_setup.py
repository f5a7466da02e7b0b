"""The tier table, pasted in a window by one admin and approved by another."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select

from bot.playground.local_slack.screen import Shown
from bot.settings import Settings
from bot.wiring import Core, create_core, create_services
from tests.support.alerts import rows
from tests.support.databases import Databases, Fill
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, ServedBot, link_user, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.approvals.types import NewProposal
from tiercore.people.audit import latest
from tiercore.program.entered import FigureChange, TableChange
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.approvals import ProposalRow, RuleValueRow
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import SignalRow

PASTED = "Tier\tSold minimum\tManaged minimum\tTotal\nGold\t90\t60\t300\nPlatinum\t270 (US$9,000)\t150\t1,700.5"
FIELDS = {"table": PASTED, "source": "Partner portal, read today"}
EVE = PEOPLE[4]


@pytest.fixture
def core(databases: Databases, fill: Fill) -> Iterator[Core]:
    """The sample folder with no table of the operator's, and a second admin, Eve."""
    url = databases.filled(fill).render_as_string(hide_password=False)
    created = create_core(Settings(database_url=url, today=TODAY, port=0))
    row = {"email": EVE.email, "name": "Eve", "role": "admin", "partner_id": ""}
    with writing(created.engine) as connection:
        connection.execute(insert(table(PersonRow)), [row])
    link_user(created.engine, WORKSPACE.team_id, EVE.user_id, EVE.email)
    yield created
    created.engine.dispose()


async def messages_to(tierbot: ServedBot, user: str, count: int) -> list[Shown]:
    """What the bot has sent someone unprompted, once there are so many messages or updates."""
    screen, channel = tierbot.slack.state.screen, tierbot.slack.state.directory.direct_message(user).channel_id

    def found() -> list[Shown]:
        return [each for each in screen.stream if each.channel == channel]

    assert await screen.until(lambda: len(found()) >= count, TIMEOUT), [text_of(each) for each in found()]
    return found()


async def window(tierbot: ServedBot, who: str, says: str) -> Shown:
    """The person's window, once it says this."""
    screen, user = tierbot.slack.state.screen, f"U0{who.upper()}"

    def found() -> list[Shown]:
        views = [each for each in screen.stream if each.where == "modal" and each.user == user]
        return [each for each in views[-1:] if says in text_of(each)]

    assert await screen.until(lambda: bool(found()), TIMEOUT), says
    return found()[0]


async def opened_form(tierbot: ServedBot, who: str = "admin") -> Shown:
    await tierbot.slack.command(who, "/tier", "setup")
    return await window(tierbot, who, "The table")


async def proposed(tierbot: ServedBot, **fields: str) -> Shown:
    """Eve's card, after Ada has proposed a table."""
    checked = await tierbot.slack.submit_view("admin", await opened_form(tierbot), {**FIELDS, **fields})
    done = await tierbot.slack.submit_view("admin", checked.view)
    assert "Another admin has to approve it" in text_of(done.view)
    return (await messages_to(tierbot, EVE.user_id, 1))[0]


def entered(core: Core) -> list[tuple[str, str, str]]:
    values = table(RuleValueRow)
    with reading(core.engine) as connection:
        return [tuple(row) for row in connection.execute(select(values.c.tier, values.c.figure, values.c.value))]


async def test_a_pasted_table_is_checked_proposed_and_in_force_once_a_second_admin_approves(tierbot: ServedBot):
    form = await opened_form(tierbot)
    assert "Platinum total 645" in text_of(form)
    checked = (await tierbot.slack.submit_view("admin", form, FIELDS)).view
    assert "Gold sold minimum 90 not set" in text_of(checked)
    assert "Platinum total 1,700.5 645" in text_of(checked)
    done = (await tierbot.slack.submit_view("admin", checked)).view
    assert "Proposed. Another admin has to approve it." in text_of(done)
    before = text_of(await tierbot.slack.command("ana", "/gap", "platinum"))
    assert "1,700.5" not in before
    assert not entered(tierbot.core)

    [card] = await messages_to(tierbot, EVE.user_id, 1)
    assert "proposes: tier thresholds from 5 Sep 2022" in text_of(card)
    assert "Platinum total: 1,700.5 (was 645)" in text_of(card)
    approve = next(
        each for block in card.blocks for each in block.get("elements", ()) if each.get("style") == "primary"
    )
    assert approve["confirm"]["title"]["text"] == "Approve this?"
    decided = await tierbot.slack.click("eve", card, "Approve")
    assert "Approved by" in text_of(decided)

    assert "1,700.5" in text_of(await tierbot.slack.command("ana", "/gap", "platinum"))
    [told] = await messages_to(tierbot, "U0CARLA", 1)
    assert "The program's thresholds have changed from 5 Sep 2022 on." in text_of(told)
    assert "Platinum total: 1,700.5 (was 645)" in text_of(told)
    assert "Source: Partner portal, read today" in text_of(told)
    card, *later = await messages_to(tierbot, "U0ADMIN", 3)
    assert all("Approved by" in text_of(each) for each in later)
    assert any(each.thread_ts == card.ts for each in later)
    assert len(await messages_to(tierbot, "U0CARLA", 1)) == 1
    with reading(tierbot.core.engine) as connection:
        assert [each.change for each in latest(connection, 20) if "rules" in each.change] == [
            "approved rules",
            "proposed rules",
        ]


async def test_the_window_shows_afterwards_what_holds_and_who_entered_and_approved_it(tierbot: ServedBot):
    await tierbot.slack.click("eve", await proposed(tierbot), "Approve")
    form = await opened_form(tierbot)
    assert "Platinum total 1,700.5" in text_of(form)
    await tierbot.slack.click("admin", form, "History")
    shown = text_of(await window(tierbot, "admin", "Entered by"))
    assert "Platinum total: 1,700.5 from 5 Sep 2022. Source: Partner portal, read today." in shown
    assert "Entered by admin@example.com on 5 Sep 2022, approved by eve@example.com on 5 Sep 2022." in shown


@pytest.mark.parametrize("who", ["ana", "carla"])
async def test_only_admins_set_the_table(tierbot: ServedBot, who: str):
    await tierbot.slack.command(who, "/tier", "setup")
    await window(tierbot, who, "Only an admin can set the tier table.")


@pytest.mark.parametrize("who", ["ana", "carla"])
async def test_a_forged_submission_of_someone_else_proposes_nothing(tierbot: ServedBot, who: str):
    checked = (await tierbot.slack.submit_view("admin", await opened_form(tierbot), FIELDS)).view
    await tierbot.slack.command(who, "/tier", "setup")
    own = await window(tierbot, who, "Only an admin")
    stolen = tierbot.slack.state.views.find(checked.view_id).body
    tierbot.slack.state.views.find(own.view_id).body.update(
        {key: stolen[key] for key in ("callback_id", "private_metadata", "submit")}
    )
    refused = await tierbot.slack.submit_view(who, own)
    assert "Only an admin can set the tier table." in text_of(refused.view)
    with reading(tierbot.core.engine) as connection:
        assert connection.scalar(select(table(ProposalRow).c.proposal_id)) is None


async def test_the_proposer_cannot_approve_and_a_partners_forged_click_finds_nothing(tierbot: ServedBot):
    card = await proposed(tierbot)
    value = next(
        each["value"] for block in card.blocks for each in block.get("elements", ()) if each.get("style") == "primary"
    )
    for who, said in (("admin", "You proposed this yourself"), ("ana", "There's nothing to decide here")):
        answer = await tierbot.slack.command(who, "/tier", "PA")
        for block in answer.message.blocks:
            for element in block.get("elements", []):
                if element.get("type") == "button":
                    element.update(action_id="do:proposal-approve", value=value)
        assert said in text_of(await tierbot.slack.click(who, answer.message, "Gap"))
    assert not entered(tierbot.core)


async def test_an_admin_who_is_no_longer_one_approves_nothing(tierbot: ServedBot):
    card, person = await proposed(tierbot), table(PersonRow)
    with writing(tierbot.core.engine) as connection:
        connection.execute(delete(person).where(person.c.email == EVE.email))
    assert "There's nothing to decide here" in text_of(await tierbot.slack.click("eve", card, "Approve"))
    assert not entered(tierbot.core)


async def test_what_has_changed_since_it_was_proposed_is_refused(tierbot: ServedBot):
    first = await proposed(tierbot)
    await proposed(tierbot, table="Tier\tTotal\nPlatinum\t800")
    second = (await messages_to(tierbot, EVE.user_id, 2))[1]
    await tierbot.slack.click("eve", second, "Approve")
    refused = text_of(await tierbot.slack.click("eve", first, "Approve"))
    assert "Platinum's total is 800 by now, and was 645 when this was proposed." in refused
    assert entered(tierbot.core) == [("platinum", "combined", "800")]


async def test_what_cannot_be_read_is_said_at_the_field(tierbot: ServedBot):
    form = await opened_form(tierbot)
    unclear = {**FIELDS, "table": "Tier\tTotal\nGold\t1.234\nBronze\t5"}
    shown = (await tierbot.slack.submit_view("admin", form, unclear)).view
    assert "“1.234” can be 1,234 or 1.234: choose how your table writes numbers." in shown.errors["table"]
    assert "I don't know the tier “Bronze”." in shown.errors["table"]
    clear = {**unclear, "table": "Tier\tTotal\nGold\t1.234", "numbers": "."}
    assert "Gold total 1,234" in text_of((await tierbot.slack.submit_view("admin", form, clear)).view)


async def test_the_check_says_what_is_odd(tierbot: ServedBot):
    odd = "Tier\tSold minimum\tManaged minimum\tTotal\nGold\t90\t60\t700\nPlatinum\t600\t150 (US$9,000)\t645"
    checked = await tierbot.slack.submit_view("admin", await opened_form(tierbot), {**FIELDS, "table": odd})
    said = text_of(checked.view)
    assert "Platinum's total (645) is less than its minimums together (750)." in said
    assert "Platinum's total is lower than Gold's." in said
    assert "Platinum managed minimum: 9,000 USD in brackets earns" in said


async def test_a_declined_table_changes_nothing(tierbot: ServedBot):
    card = await proposed(tierbot)
    await tierbot.slack.click("eve", card, "Decline")
    form = await window(tierbot, "eve", "Why?")
    await tierbot.slack.submit_view("eve", form, {"reason": "Diamond is missing."})
    assert "Declined by" in text_of(await window(tierbot, "eve", "Declined by"))
    told = [text_of(each) for each in await messages_to(tierbot, "U0ADMIN", 3)]
    assert any("Nothing was changed. Why: Diamond is missing." in each for each in told), told
    assert not entered(tierbot.core)


async def test_a_table_that_nobody_linked_can_approve_says_so_and_asks_whoever_is_linked_later(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        link = table(LinkRow)
        connection.execute(delete(link).where(link.c.user_id == EVE.user_id))
    checked = await tierbot.slack.submit_view("admin", await opened_form(tierbot), FIELDS)
    done = await tierbot.slack.submit_view("admin", checked.view)
    for said in (text_of(done.view), text_of((await messages_to(tierbot, "U0ADMIN", 1))[0])):
        assert "nobody who may decide this is linked in Slack" in said
        assert "As soon as another admin is linked (/tier link), I'll send them this." in said
    link_user(tierbot.core.engine, WORKSPACE.team_id, EVE.user_id, EVE.email)
    [card] = await messages_to(tierbot, EVE.user_id, 1)
    assert "proposes" in text_of(card)
    assert "Approved by" in text_of(await tierbot.slack.click("eve", card, "Approve"))
    assert entered(tierbot.core)


async def test_the_proposer_withdraws_a_table(tierbot: ServedBot):
    await proposed(tierbot)
    own = (await messages_to(tierbot, "U0ADMIN", 1))[0]
    assert "Withdrawn" in text_of(await tierbot.slack.click("admin", own, "Withdraw"))
    assert not entered(tierbot.core)


async def test_the_only_admins_table_applies_after_a_day_unless_it_is_withdrawn(tierbot: ServedBot):
    person = table(PersonRow)
    with writing(tierbot.core.engine) as connection:
        connection.execute(delete(person).where(person.c.email == EVE.email))
    checked = await tierbot.slack.submit_view("admin", await opened_form(tierbot), FIELDS)
    done = await tierbot.slack.submit_view("admin", checked.view)
    assert "You're the only admin, so this applies on its own on 6 Sep 2022, 12:00 UTC." in text_of(done.view)
    [card] = await messages_to(tierbot, "U0ADMIN", 1)
    assert "unless you withdraw it" in text_of(card)
    tierbot.clock.jump(datetime(2022, 9, 6, 12, 1, tzinfo=UTC))
    later = (await messages_to(tierbot, "U0ADMIN", 3))[1:]
    assert any("Applied after the waiting time" in text_of(each) for each in later)
    assert len(entered(tierbot.core)) == 6
    assert "1,700.5" in text_of(await tierbot.slack.command("ana", "/gap", "platinum"))


async def test_an_alert_that_raised_thresholds_cause_says_so(tierbot: ServedBot):
    approvals = create_services(tierbot.core, tierbot.clock).approvals

    async def set_gold_total(value: str, before: str) -> None:
        figures = (FigureChange("gold", "combined", value, before),)
        await approvals.carry_out(NewProposal("rules", TableChange(TODAY, "Portal", figures).payload))

    await set_gold_total("200", "not set")
    await tierbot.slack.command("ana", "/digest", "alerts on")
    await wait_until(lambda: "PA" in {row.partner_id for row in rows(tierbot, SignalRow)}, "levels are recorded")
    await set_gold_total("5000", "200")
    alert = (await messages_to(tierbot, "U0ANA", 1))[0]
    assert "combined points turned red" in text_of(alert)
    assert "The program's thresholds of Gold have changed: total 5,000." in text_of(alert)


async def test_an_admin_who_was_linked_later_approves_in_the_window(tierbot: ServedBot):
    await proposed(tierbot)
    form = await opened_form(tierbot, "eve")
    assert "proposes: tier thresholds from 5 Sep 2022" in text_of(form)
    await tierbot.slack.click("eve", form, "Approve")
    await window(tierbot, "eve", "Approved by")
    assert len(entered(tierbot.core)) == 6


async def test_the_proposer_sees_the_waiting_table_in_the_window_and_cannot_approve_it(tierbot: ServedBot):
    await proposed(tierbot)
    shown = text_of(await opened_form(tierbot))
    assert "You proposed: tier thresholds from 5 Sep 2022" in shown
    assert "[ Withdraw ]" in shown
    assert "[ Approve ]" not in shown
