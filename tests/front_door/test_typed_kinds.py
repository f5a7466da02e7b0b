"""Every kind of entry through its window: stored by a CAM or an admin, proposed by a partner, wrong at its field."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import delete

from tests.support.alerts import rows
from tests.support.served_bot import ServedBot, text_of
from tests.support.typed import VALUES, current, opened
from tests.support.waiting import wait_until
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import (
    AgreementRow,
    CertificationRow,
    ClientRow,
    PartnerRow,
    PersonRow,
    SaleRow,
    SubscriptionLevelRow,
    TierCreditedRow,
)
from tiercore.storage.tables.typed import TypedEntryRow

Values = Mapping[str, str]
CLIENT = {"name": "Neu AG", "country": "DE"}
LEVEL = {
    "client_id": "C1",
    "product_line": "Sales Hub",
    "mrr": "1000",
    "currency": "USD",
    "effective_on": "2022-09-01",
}
AGREEMENT = {"client_id": "C1", "starts_on": "2022-09-01", "ends_on": "2023-08-31"}
CERTIFICATION = {"certification": "HubSpot Reporting", "valid_from": "2022-02-01", "valid_until": "2023-02-28"}
CREDITED = {"partner_id": "PA", "tier": "gold", "credited_on": "2022-09-01"}
PARTNER = {"name": "Neu GmbH", "country": "DE", "currency": "EUR", "joined_on": "2022-01-01"}
PERSON = {"name": "New", "email": "new@example.com", "role": "partner", "partner_id": "PA"}
# Who stores what directly, the table that has it then, and what the window says before saving.
DIRECT: list[tuple[str, str, Values, type[Any], str]] = [
    ("carla", "add sale", VALUES, SaleRow, "It will earn 30 sourced points, until 1 Sep 2023."),
    ("carla", "add client", {"partner_id": "PA", **CLIENT}, ClientRow, "Name: Neu AG"),
    ("carla", "add agreement", {"partner_id": "PA", **AGREEMENT}, AgreementRow, "First day: 1 Sep 2022"),
    ("carla", "end agreement", {"agreement_id": "A1", "ends_on": "2022-09-30"}, AgreementRow, "Agreement: A1"),
    ("carla", "add level", {"partner_id": "PA", **LEVEL}, SubscriptionLevelRow, "MRR of the whole line: US$1,000"),
    ("carla", "record certification", {"partner_id": "PA", **CERTIFICATION}, CertificationRow, "HubSpot Reporting"),
    (
        "carla",
        "record tier",
        {"partner_id": "PA", "tier": "gold", "credited_on": "2022-09-01"},
        TierCreditedRow,
        "Gold",
    ),
    ("admin", "add partner", PARTNER, PartnerRow, "Joined on: 1 Jan 2022"),
    ("admin", "add person", PERSON, PersonRow, "E-mail: new@example.com"),
]


def stored(tierbot: ServedBot, model: type[Any]) -> set[str]:
    return {str(each) for each in rows(tierbot, model)}


async def test_every_kind_is_typed_in_its_window_and_counts_once_saved(tierbot: ServedBot):
    for user, text, values, model, says in DIRECT:
        before = stored(tierbot, model)
        form = await opened(tierbot, user, text)
        answer = await tierbot.slack.submit_view(user, form, values)
        checked = answer.shown[-1]
        assert says in text_of(checked), (text, text_of(checked), checked.errors)
        assert stored(tierbot, model) == before, "nothing is stored before Save"
        await tierbot.slack.submit_view(user, checked)
        saved = await current(tierbot, user, "Saved")
        assert ("brings the same deal" in text_of(saved)) is (model is SaleRow), text
        assert len(stored(tierbot, model) - before) == 1, text
    assert len(rows(tierbot, TypedEntryRow)) == len(DIRECT)


PROPOSED: list[tuple[str, Values, type[Any]]] = [
    ("add client", CLIENT, ClientRow),
    ("add agreement", AGREEMENT, AgreementRow),
    ("end agreement", {"agreement_id": "A1", "ends_on": "2022-09-30"}, AgreementRow),
    ("add level", LEVEL, SubscriptionLevelRow),
    ("record certification", CERTIFICATION, CertificationRow),
]


@pytest.mark.slow
async def test_every_kind_that_a_partner_may_propose_counts_once_the_cam_approves_it(tierbot: ServedBot):
    """A sale is proposed in test_typed.py."""
    for number, (text, values, model) in enumerate(PROPOSED, start=1):
        before = stored(tierbot, model)
        checked = (await tierbot.slack.submit_view("ana", await opened(tierbot, "ana", text), values)).shown[-1]
        assert "Your CAM decides" in text_of(checked), (text, text_of(checked), checked.errors)
        await tierbot.slack.submit_view("ana", checked)
        await current(tierbot, "ana", "Proposed")
        await wait_until(lambda count=number: len(cards(tierbot)) == count, "the CAM is asked")
        assert stored(tierbot, model) == before
        await tierbot.slack.click("carla", cards(tierbot)[-1], "Approve")
        await wait_until(lambda: len(stored(tierbot, model) - before) == 1, text)  # noqa: B023
    assert {each.approved_by for each in rows(tierbot, TypedEntryRow)} == {"carla@example.com"}


def cards(tierbot: ServedBot) -> list[Any]:
    conversation = tierbot.slack.state.directory.direct_message("U0CARLA").channel_id
    return [each for each in tierbot.slack.messages(conversation, "U0CARLA") if " proposes: " in text_of(each)]


WRONG: list[tuple[str, str, Values, set[str]]] = [
    *(
        ("carla", "add sale", {**VALUES, "mrr": mrr}, {"mrr"})
        for mrr in ("-5", "12,345", "1e3", "99999999999999999999", "abc", "1000.123")
    ),
    ("carla", "add sale", {**VALUES, "sold_on": "2222-01-01"}, {"sold_on"}),
    ("carla", "add client", {"partner_id": "PA", "name": "Neu AG", "country": "Germoney"}, {"country"}),
    ("carla", "add agreement", {"partner_id": "PA", **AGREEMENT, "ends_on": "2022-08-31"}, {"ends_on"}),
    ("carla", "end agreement", {"agreement_id": "A1", "ends_on": "2020-12-31"}, {"ends_on"}),
    (
        "carla",
        "record certification",
        {"partner_id": "PA", **CERTIFICATION, "valid_until": "2022-01-31"},
        {"valid_until"},
    ),
    ("carla", "record tier", {"partner_id": "PA", "tier": "gold", "credited_on": "2222-01-01"}, {"credited_on"}),
    ("admin", "add partner", {**PARTNER, "country": "UK"}, {"country"}),
    ("carla", "add level", {"partner_id": "PA", **LEVEL, "mrr": "-1"}, {"mrr"}),
    ("admin", "add person", {**PERSON, "email": "nobody"}, {"email"}),
]


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(tierbot: ServedBot):
    for user, text, values, fields in WRONG:
        form = await opened(tierbot, user, text)
        refused = (await tierbot.slack.submit_view(user, form, values)).shown[-1]
        assert set(refused.errors) == fields, (text, values, refused.errors, text_of(refused))
    assert rows(tierbot, TypedEntryRow) == []


async def test_an_amount_in_another_notation_is_shown_as_it_was_read(tierbot: ServedBot):
    form = await opened(tierbot, "carla", "add sale")
    checked = (await tierbot.slack.submit_view("carla", form, {**VALUES, "mrr": "1.200,50"})).shown[-1]
    assert "MRR: US$1,200.50" in text_of(checked)
    assert "it was read as 1200.50" in text_of(checked)


async def test_an_agreement_that_earns_nothing_yet_says_how_to_type_what_the_client_pays(tierbot: ServedBot):
    form = await opened(tierbot, "carla", "add agreement")
    values = {**AGREEMENT, "partner_id": "PB", "client_id": "C2"}
    checked = (await tierbot.slack.submit_view("carla", form, values)).shown[-1]
    assert "no subscription data is on file. What the client pays is typed by /tier add level." in text_of(checked)


async def test_what_can_t_be_added_names_what_can(tierbot: ServedBot):
    for user, can in (("carla", "agreement or level,"), ("admin", "level, partner or person,")):
        assert can in text_of(await opened(tierbot, user, "add nothing"))


async def test_tiers_are_listed_from_untiered_up(tierbot: ServedBot):
    form = await opened(tierbot, "carla", "record tier")
    [field] = [each for each in form.blocks if each.get("block_id") == "tier"]
    tiers = [each["value"] for each in field["element"]["options"]]
    assert tiers == ["untiered", "silver", "gold", "platinum", "diamond", "elite"]


async def test_rights_that_end_while_a_window_is_open_are_checked_again_on_save(tierbot: ServedBot):
    form = await opened(tierbot, "carla", "add sale")
    checked = (await tierbot.slack.submit_view("carla", form, VALUES)).shown[-1]
    with writing(tierbot.core.engine) as connection:
        person = table(PersonRow)
        connection.execute(delete(person).where(person.c.email == "carla@example.com", person.c.partner_id == "PA"))
    await tierbot.slack.submit_view("carla", checked)
    await current(tierbot, "carla", "Choose a")
    assert len(rows(tierbot, SaleRow)) == 6


async def test_a_window_opens_before_anything_is_read(tierbot: ServedBot):
    """Slack's trigger expires after three seconds, however long the database takes."""
    await tierbot.slack.command("carla", "/tier", "add sale")
    views = [each for each in tierbot.slack.state.screen.stream if each.where == "modal" and each.user == "U0CARLA"]
    assert "One moment" in text_of(views[0])
    await current(tierbot, "carla", "Day of the deal")
