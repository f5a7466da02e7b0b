"""Becoming someone in Slack: asked for and approved, or by a code; channels; what each leaves behind."""

import pytest
from sqlalchemy import insert

from tests.support.served_bot import Office, said
from tests.support.waiting import ENOUGH
from tiercore.people.audit import latest
from tiercore.people.linking import create_code
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.ledger import PersonRow


def audited(office: Office) -> list[tuple[str, str, str, str]]:
    with reading(office.core.engine) as connection:
        return [(each.actor, each.deed, each.subject, each.detail) for each in latest(connection, 20)]


async def told(office: Office, user: str):
    """The last message that the bot wrote to someone by itself."""
    stream = office.slack.state.screen.stream
    channel = office.slack.state.directory.direct_message(user).channel_id
    assert await office.slack.state.screen.until(lambda: any(each.channel == channel for each in stream), ENOUGH)
    return [each for each in stream if each.channel == channel][-1]


async def test_a_stranger_requests_a_link_and_can_ask_questions_once_the_cam_approves(office: Office):
    asked = await office.slack.command("eve", "/tier", "link bea@example.com")
    assert "You asked to be linked to bea@example.com" in said(asked)
    request = await told(office, "U0CARLA")
    assert "asks to be linked to Bea <bea@example.com>" in said(request)
    assert "Doesn't match the e-mail in their Slack profile: eve@example.com" in said(request)
    done = await office.slack.click("carla", request, "Approve")
    assert "is now linked to Bea <bea@example.com>" in said(done)
    welcome = await told(office, "U0EVE")
    assert "Welcome, Bea" in said(welcome)
    assert "/expiring: what expires soon" in said(welcome)
    standing = await office.slack.click("eve", welcome, "Where do I stand?")
    assert "Zweite GmbH" in said(standing)
    assert ("T01LOCAL/U0CARLA", "approved a link", "T01LOCAL/U0EVE", "bea@example.com") in audited(office)


async def test_a_stranger_is_offered_a_link_whatever_they_ask(office: Office):
    answer = await office.slack.command("eve", "/expiring", "30 days")
    assert "Press Link me or type /tier link" in said(answer)
    form = (await office.slack.click("eve", answer.message, "Link me")).view
    wrong = await office.slack.submit_view("eve", form, {"field": "not an e-mail"})
    assert wrong.view.errors["field"].startswith("That's neither an e-mail nor a code.")
    sent = (await office.slack.submit_view("eve", form, {"field": "bea@example.com"})).view
    assert "You asked to be linked to bea@example.com" in said(sent)


async def test_the_profiles_e_mail_is_the_default(office: Office):
    answer = await office.slack.command("eve", "/tier", "link")
    assert "You asked to be linked to eve@example.com" in said(answer)
    request = await told(office, "U0ADMIN")
    assert "(not in people.csv)" in said(request)
    declined = await office.slack.click("admin", request, "Decline")
    assert "was not linked to eve@example.com" in said(declined)
    assert "was declined" in said(await told(office, "U0EVE"))


async def test_known_and_unknown_e_mails_get_the_same_answer(office: Office):
    known = said(await office.slack.command("eve", "/tier", "link bea@example.com"))
    unknown = said(await office.slack.command("eve", "/tier", "link zzz@example.com"))
    assert known.replace("bea@", "zzz@") == unknown


async def test_nobody_can_approve_their_own_link_and_partners_can_approve_none(office: Office):
    await office.slack.command("eve", "/tier", "link bea@example.com")
    request = await told(office, "U0CARLA")
    approve = next(each for block in request.blocks for each in block["elements"] if each.get("style") == "primary")
    answer = await office.slack.command("ana", "/tier")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                element.update(action_id="do:approve", value=approve["value"])
    forged = await office.slack.click("ana", answer.message, "Gap")
    assert "Only an admin, or the CAM or CC of that person's partner" in said(forged)
    assert "don't know who you are yet" in said(await office.slack.command("eve", "/tier"))


async def test_a_cam_cannot_make_someone_an_admin(office: Office):
    asked = await office.slack.command("carla", "/tier", "invite admin@example.com")
    assert "Only an admin" in said(asked)
    await office.slack.command("eve", "/tier", "link admin@example.com")
    assert "asks to be linked to Ada" in said(await told(office, "U0ADMIN"))
    carla = office.slack.state.directory.direct_message("U0CARLA").channel_id
    assert not office.slack.state.screen.in_channel(carla)


async def test_someone_who_manages_one_partner_and_belongs_to_another_decides_only_for_the_first(office: Office):
    """Bea becomes CAM of PA: she may decide for its people, and not for those of PB, where she is one of them."""
    with writing(office.core.engine) as connection:
        row = {"email": "bea@example.com", "partner_id": "PA", "name": "Bea", "role": "cam"}
        connection.execute(insert(table(PersonRow)), [row])
    assert "links whoever types it to ana@" in said(
        await office.slack.command("bea", "/tier", "invite ana@example.com")
    )
    bea = {"email": "bert@example.com", "partner_id": "PB", "name": "Bert", "role": "partner"}
    with writing(office.core.engine) as connection:
        connection.execute(insert(table(PersonRow)), [bea])
    refused = said(await office.slack.command("bea", "/tier", "invite bert@example.com"))
    assert "Only an admin, or the CAM or CC of that person's partner" in refused


async def test_a_request_can_be_decided_once(office: Office):
    await office.slack.command("eve", "/tier", "link bea@example.com")
    cam, admin = await told(office, "U0CARLA"), await told(office, "U0ADMIN")
    await office.slack.click("carla", cam, "Decline")
    assert "already declined by" in said(await office.slack.click("admin", admin, "Approve"))
    assert "don't know who you are yet" in said(await office.slack.command("eve", "/tier"))


async def test_a_code_can_be_used_once(office: Office):
    invited = said(await office.slack.command("carla", "/tier", "invite bea@example.com"))
    code = invited.split()[0]
    assert "links whoever types it to bea@example.com" in invited
    assert "Welcome, Bea" in said(await office.slack.command("eve", "/tier", f"link {code.lower()}"))
    assert "Zweite GmbH" in said(await office.slack.command("eve", "/tier"))
    assert "no longer linked to bea@example.com" in said(await office.slack.command("eve", "/tier", "unlink"))
    assert "wrong, used or expired" in said(await office.slack.command("eve", "/tier", f"link {code}"))
    assert code not in str(audited(office))


async def test_a_code_expires(office: Office):
    from datetime import timedelta

    old = office.clock() - timedelta(days=8)
    with writing(office.core.engine) as connection:
        code = create_code(connection, None, "bea@example.com", old)
    assert "wrong, used or expired" in said(await office.slack.command("eve", "/tier", f"link {code}"))


async def test_a_channel_defaults_to_its_partner_for_those_who_may_see_it(office: Office):
    slack = office.slack
    assert "isn't about a partner yet" in said(await slack.command("carla", "/tier", "here"))
    assert "is about Partner A now" in said(await slack.command("carla", "/tier", "here Partner A"))
    assert "Partner A: 225 points to Platinum" in said(await slack.command("carla", "/tier"))
    assert "Zweite GmbH" in said(await slack.command("bea", "/tier")), "it gives nobody leave to see the partner"
    assert "Zweite GmbH" in said(await slack.command("carla", "/tier", "PB"))
    assert "no longer about a partner" in said(await slack.command("carla", "/tier", "here none"))
    assert "Which partner?" in said(await slack.command("carla", "/tier"))


async def test_only_those_who_manage_a_partner_can_set_a_channel_to_it(office: Office):
    assert "Only a CAM, a CC or an admin" in said(await office.slack.command("ana", "/tier", "here PA"))
    assert "can't find a partner" in said(await office.slack.command("carla", "/tier", "here PC"))


@pytest.mark.parametrize(("words", "what"), [("link", "already linked"), ("prefer gold", "/tier prefer points")])
async def test_invalid_input_is_explained(office: Office, words: str, what: str):
    assert what in said(await office.slack.command("ana", "/tier", words))


async def test_too_many_requests_are_refused(office: Office):
    for number in range(3):
        await office.slack.command("eve", "/tier", f"link {number}@example.com")
    assert "several requests" in said(await office.slack.command("eve", "/tier", "link 9@example.com"))


async def test_a_repeated_request_notifies_nobody_again(office: Office):
    for _ in range(3):
        await office.slack.command("eve", "/tier", "link bea@example.com")
    await told(office, "U0CARLA")
    carla = office.slack.state.directory.direct_message("U0CARLA").channel_id
    assert len(office.slack.state.screen.in_channel(carla)) == 1


async def test_help_lists_what_else_tier_does(office: Office):
    text = said(await office.slack.command("eve", "/tier", "help"))
    for deed in ("link", "unlink", "invite", "here", "prefer"):
        assert f"/tier {deed}" in text
