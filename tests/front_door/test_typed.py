"""Entries typed in Slack: a window, what it earns, Save, Edit, Withdraw; through the front door on both engines."""

from pathlib import Path

from sqlalchemy import update

from bot.playground.local_slack.screen import Shown
from tests.support.alerts import import_rows, rows
from tests.support.served_bot import ServedBot, text_of
from tests.support.typed import VALUES, clicked, current, opened, save_sale
from tests.support.waiting import wait_until
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import PersonRow, SaleRow
from tiercore.storage.tables.typed import TypedEntryRow


async def test_a_cam_types_a_sale_and_sees_what_it_earns_before_saving(tierbot: ServedBot):
    window = await opened(tierbot, "carla", "add sale")
    checked = (await tierbot.slack.submit_view("carla", window, VALUES)).shown[-1]
    assert "It will earn 30 sourced points, until 1 Sep 2023." in text_of(checked)
    assert len(rows(tierbot, SaleRow)) == 6, "nothing is stored yet"
    await tierbot.slack.submit_view("carla", checked)
    saved = await current(tierbot, "carla", "Saved")
    assert "Acme, sourced net-new, Service Hub, US$1,000 on 1 Sep 2022" in text_of(saved)
    assert len(rows(tierbot, SaleRow)) == 7
    [entry] = rows(tierbot, TypedEntryRow)
    assert (entry.entered_by, entry.partner_id) == ("carla@example.com", "PA")


async def test_what_is_wrong_is_shown_at_its_field(tierbot: ServedBot):
    window = await opened(tierbot, "carla", "add sale")
    refused = (await tierbot.slack.submit_view("carla", window, {**VALUES, "mrr": "12.345678"})).shown[-1]
    assert set(refused.errors) == {"mrr"}


async def test_a_partner_types_nothing_that_only_an_admin_may(tierbot: ServedBot):
    for user, text in (("ana", "add partner"), ("carla", "add person"), ("ana", "record tier")):
        window = await opened(tierbot, user, text)
        assert "Only a" in text_of(window)
    assert "I don't know who you are" in text_of(await opened(tierbot, "eve", "add sale"))


async def test_an_entry_is_changed_before_saving_edited_and_withdrawn_with_a_reason(tierbot: ServedBot):
    window = await opened(tierbot, "carla", "add sale")
    checked = (await tierbot.slack.submit_view("carla", window, VALUES)).shown[-1]
    await tierbot.slack.click("carla", checked, "Change")
    again = await current(tierbot, "carla", "Day of the deal")
    checked = (await tierbot.slack.submit_view("carla", again, {"mrr": "500"})).shown[-1]
    assert "MRR: US$500" in text_of(checked)
    await tierbot.slack.submit_view("carla", checked)
    saved = await current(tierbot, "carla", "Saved")

    await tierbot.slack.click("carla", saved, "Edit")
    editing = await current(tierbot, "carla", "Day of the deal")
    checked = (await tierbot.slack.submit_view("carla", editing, {"mrr": "750"})).shown[-1]
    await tierbot.slack.submit_view("carla", checked)
    await current(tierbot, "carla", "US$750")

    listed = await opened(tierbot, "carla", "add")
    assert "Your entries (1)" in text_of(listed)
    window = await clicked(tierbot, "carla", listed, "Withdraw")
    await tierbot.slack.submit_view("carla", window, {"reason": "It was cancelled."})
    await current(tierbot, "carla", "Withdrawn")
    assert len(rows(tierbot, SaleRow)) == 6
    assert [each.outcome for each in rows(tierbot, TypedEntryRow)] == ["edited", "withdrawn"]
    assert rows(tierbot, TypedEntryRow)[1].reason == "It was cancelled."


async def test_the_same_deal_in_a_file_is_asked_about_and_decided_by_a_click(tierbot: ServedBot, tmp_path: Path):
    await save_sale(tierbot)
    row = "F9,PA,C1,Service Hub,net_new,sourced,1000.00,USD,2022-09-02\n"
    import_rows(tierbot, tmp_path / "more", "sales.csv", row)
    conversation = tierbot.slack.directory.direct_message("U0CARLA").channel_id
    await wait_until(lambda: bool(tierbot.slack.messages(conversation, "U0CARLA")), "Carla is asked")
    [asked] = tierbot.slack.messages(conversation, "U0CARLA")
    assert "Is this the same deal?" in text_of(asked)
    assert len(rows(tierbot, SaleRow)) == 7
    await tierbot.slack.click("carla", asked, "Same deal: use the file's")
    await wait_until(lambda: "F9" in {each.sale_id for each in rows(tierbot, SaleRow)}, "the file's counts")
    assert len(rows(tierbot, SaleRow)) == 7


async def messages_of(tierbot: ServedBot, user: str, text: str) -> list[Shown]:
    """The direct messages to the user, once one of them has the text."""
    user_id = f"U0{user.upper()}"
    conversation = tierbot.slack.directory.direct_message(user_id).channel_id

    def found() -> list[Shown]:
        return [each for each in tierbot.slack.messages(conversation, user_id) if text in text_of(each)]

    await wait_until(lambda: bool(found()), f"{user} is told {text!r}")
    return found()


async def propose(tierbot: ServedBot) -> Shown:
    """Ana proposes a sale for her partner; the window that confirms it."""
    window = await opened(tierbot, "ana", "add sale")
    assert "Partner" not in text_of(window), "she has one partner"
    values = {name: value for name, value in VALUES.items() if name != "partner_id"}
    checked = (await tierbot.slack.submit_view("ana", window, values)).shown[-1]
    await tierbot.slack.submit_view("ana", checked)
    return await current(tierbot, "ana", "Proposed")


async def test_a_partners_sale_counts_once_the_cam_approves_it_and_both_are_told(tierbot: ServedBot):
    await propose(tierbot)
    assert len(rows(tierbot, SaleRow)) == 6
    [mine] = await messages_of(tierbot, "ana", "You proposed")
    [card] = await messages_of(tierbot, "carla", "proposes")
    assert "It will earn 30 sourced points, until 1 Sep 2023." in text_of(card)
    assert "MRR: US$1,000" in text_of(card)
    await tierbot.slack.click("carla", card, "Approve")
    await wait_until(lambda: len(rows(tierbot, SaleRow)) == 7, "it is stored")
    for user, root in (("ana", mine), ("carla", card)):
        told = [each for each in await messages_of(tierbot, user, "It counts now") if each.thread_ts]
        assert [each.thread_ts for each in told] == [root.ts]
    [entry] = rows(tierbot, TypedEntryRow)
    assert (entry.entered_by, entry.approved_by) == ("ana@example.com", "carla@example.com")


async def test_a_partner_proposes_to_withdraw_what_they_typed(tierbot: ServedBot):
    await propose(tierbot)
    await tierbot.slack.click("carla", (await messages_of(tierbot, "carla", "proposes"))[0], "Approve")
    await wait_until(lambda: len(rows(tierbot, SaleRow)) == 7, "it is stored")
    listed = await opened(tierbot, "ana", "add")
    window = await clicked(tierbot, "ana", listed, "Withdraw")
    await tierbot.slack.submit_view("ana", window, {"reason": "The client said no."})
    await current(tierbot, "ana", "Proposed: withdraw")
    assert len(rows(tierbot, SaleRow)) == 7
    [card] = await messages_of(tierbot, "carla", "proposes: withdraw")
    assert "The client said no." in text_of(card)
    await tierbot.slack.click("carla", card, "Approve")
    await wait_until(lambda: len(rows(tierbot, SaleRow)) == 6, "it is withdrawn")


async def test_a_proposal_that_no_longer_fits_is_refused_with_the_reason(tierbot: ServedBot):
    """Ana works for another partner by now: nothing is stored, and the proposal stays open."""
    await propose(tierbot)
    [card] = await messages_of(tierbot, "carla", "proposes")
    with writing(tierbot.core.engine) as connection:
        person = table(PersonRow)
        moved = update(person).where(person.c.email == "ana@example.com").values(partner_id="PB")
        connection.execute(moved)
    answer = await tierbot.slack.click("carla", card, "Approve")
    assert "Choose a partner from the list" in text_of(answer)
    assert len(rows(tierbot, SaleRow)) == 6


async def test_what_was_typed_is_marked_with_who_typed_it_and_when(tierbot: ServedBot):
    await save_sale(tierbot)
    mark = "typed by Carla on 5 Sep 2022"
    for word, text in (("/clients", "Acme Partner A"), ("/clients", "Partner A"), ("/why", "sourced Partner A")):
        answer = await tierbot.slack.command("carla", word, text)
        assert mark in text_of(answer).replace("Typed by", "typed by"), (word, text)
    client = (await tierbot.slack.command("carla", "/clients", "Acme Partner A")).shown[-1]
    window = await clicked(tierbot, "carla", client, "Typed entries")
    assert "Acme, sourced net-new, Service Hub, US$1,000" in text_of(window)
    other = await tierbot.slack.command("carla", "/clients", "Unklar Zweite")
    assert "typed by" not in text_of(other)


async def test_many_clients_are_searched_within_ones_own_reach(tierbot: ServedBot, tmp_path: Path):
    """With more clients than a list can have, the window searches."""
    clients = [f"N{number},Neu {number:03},DE" for number in range(150)]
    sales = [f"N{number},PA,N{number},Sales Hub,net_new,sourced,10,USD,2022-05-05" for number in range(150)]
    import_rows(tierbot, tmp_path / "more", "clients.csv", *clients)
    import_rows(tierbot, tmp_path / "more", "sales.csv", *sales)
    window = await opened(tierbot, "carla", "add sale")
    found = await tierbot.slack.options("carla", window, "client_id", "neu 14")
    assert [each["text"]["text"] for each in found.options] == [f"Neu {number}" for number in range(140, 150)]
    for query in ("Verborgen", "verb", "C3"):
        assert (await tierbot.slack.options("carla", window, "client_id", query)).options == []
    values = {**VALUES, "client_id": found.options[0]}
    checked = (await tierbot.slack.submit_view("carla", window, values)).shown[-1]
    assert "Client: Neu 140" in text_of(checked)


async def test_an_import_that_is_running_is_waited_for_and_the_save_follows(tierbot: ServedBot):
    window = await opened(tierbot, "carla", "add sale")
    checked = (await tierbot.slack.submit_view("carla", window, VALUES)).shown[-1]
    with writing(tierbot.core.engine):
        await tierbot.slack.submit_view("carla", checked)
        await current(tierbot, "carla", "An import is running")
        assert text_of(await tierbot.slack.command("ana", "/tier")), "others are answered meanwhile"
    await current(tierbot, "carla", "Saved")
    await messages_of(tierbot, "carla", "Saved")
    assert len(rows(tierbot, SaleRow)) == 7
