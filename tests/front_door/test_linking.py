"""Linking a Slack user by request and approval or by code, setting a channel's partner, and the audit of each."""

import pytest
from sqlalchemy import insert, update

from tests.support.delivered import audit_entries
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.people.linking import create_code
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import PersonRow


async def last_message_to(tierbot: ServedBot, user: str):
    """The last message that the bot sent to someone unprompted."""
    stream = tierbot.slack.state.screen.stream
    channel = tierbot.slack.state.directory.direct_message(user).channel_id
    assert await tierbot.slack.state.screen.until(lambda: any(each.channel == channel for each in stream), TIMEOUT)
    return [each for each in stream if each.channel == channel][-1]


async def test_a_stranger_requests_a_link_and_can_ask_questions_once_the_cam_approves(tierbot: ServedBot):
    requested = await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    assert "You asked to be linked to bea@example.com" in text_of(requested)
    request = await last_message_to(tierbot, "U0CARLA")
    assert "asks to be linked to Bea <bea@example.com>" in text_of(request)
    assert "Doesn't match the e-mail in their Slack profile: eve@example.com" in text_of(request)
    done = await tierbot.slack.click("carla", request, "Approve anyway")
    assert "is now linked to Bea <bea@example.com>" in text_of(done)
    welcome = await last_message_to(tierbot, "U0EVE")
    assert "Welcome, Bea" in text_of(welcome)
    assert "/expiring: what expires soon" in text_of(welcome)
    standing = await tierbot.slack.click("eve", welcome, "Where do I stand?")
    assert "Zweite GmbH" in text_of(standing)
    assert ("T01LOCAL/U0CARLA", "approved a link", "T01LOCAL/U0EVE", "bea@example.com") in audit_entries(tierbot)


async def test_a_stranger_is_offered_a_link_whatever_they_ask(tierbot: ServedBot):
    answer = await tierbot.slack.command("eve", "/expiring", "30 days")
    assert "Press Link me or type /tier link" in text_of(answer)
    form = (await tierbot.slack.click("eve", answer.message, "Link me")).view
    wrong = await tierbot.slack.submit_view("eve", form, {"field": "not an e-mail"})
    assert wrong.view.errors["field"].startswith("That's neither an e-mail nor a code.")
    sent = (await tierbot.slack.submit_view("eve", form, {"field": "bea@example.com"})).view
    assert "You asked to be linked to bea@example.com" in text_of(sent)


async def test_the_profiles_e_mail_is_the_default(tierbot: ServedBot):
    answer = await tierbot.slack.command("eve", "/tier", "link")
    assert "You asked to be linked to eve@example.com" in text_of(answer)
    request = await last_message_to(tierbot, "U0ADMIN")
    assert "(not in people.csv)" in text_of(request)
    declined = await tierbot.slack.click("admin", request, "Decline")
    assert "was not linked to eve@example.com" in text_of(declined)
    assert "was declined" in text_of(await last_message_to(tierbot, "U0EVE"))


async def test_known_and_unknown_e_mails_get_the_same_answer(tierbot: ServedBot):
    known = text_of(await tierbot.slack.command("eve", "/tier", "link bea@example.com"))
    unknown = text_of(await tierbot.slack.command("eve", "/tier", "link zzz@example.com"))
    assert known.replace("bea@", "zzz@") == unknown


async def test_nobody_can_approve_their_own_link_and_partners_can_approve_none(tierbot: ServedBot):
    await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    request = await last_message_to(tierbot, "U0CARLA")
    buttons = [each for block in request.blocks for each in block["elements"]]
    approve = next(each for each in buttons if each.get("action_id") == "do:approve")
    answer = await tierbot.slack.command("ana", "/tier")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                element.update(action_id="do:approve", value=approve["value"])
    forged = await tierbot.slack.click("ana", answer.message, "Gap")
    assert "Only an admin, or the CAM or CC of that person's partner" in text_of(forged)
    assert "don't know who you are yet" in text_of(await tierbot.slack.command("eve", "/tier"))


async def test_a_cam_cannot_make_someone_an_admin(tierbot: ServedBot):
    requested = await tierbot.slack.command("carla", "/tier", "invite admin@example.com")
    assert "Only an admin" in text_of(requested)
    await tierbot.slack.command("eve", "/tier", "link admin@example.com")
    assert "asks to be linked to Ada" in text_of(await last_message_to(tierbot, "U0ADMIN"))
    carla = tierbot.slack.state.directory.direct_message("U0CARLA").channel_id
    assert not tierbot.slack.state.screen.in_channel(carla)


async def test_someone_who_manages_one_partner_and_belongs_to_another_decides_only_for_the_first(tierbot: ServedBot):
    """Bea becomes the CAM of PA: she can decide for its people, but not for those of PB, to which she belongs."""
    with writing(tierbot.core.engine) as connection:
        row = {"email": "bea@example.com", "partner_id": "PA", "name": "Bea", "role": "cam"}
        connection.execute(insert(table(PersonRow)), [row])
    assert "links whoever types it to ana@" in text_of(
        await tierbot.slack.command("bea", "/tier", "invite ana@example.com")
    )
    bea = {"email": "bert@example.com", "partner_id": "PB", "name": "Bert", "role": "partner"}
    with writing(tierbot.core.engine) as connection:
        connection.execute(insert(table(PersonRow)), [bea])
    refused = text_of(await tierbot.slack.command("bea", "/tier", "invite bert@example.com"))
    assert "Only an admin, or the CAM or CC of that person's partner" in refused


async def test_a_request_can_be_decided_once(tierbot: ServedBot):
    await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    cam, admin = await last_message_to(tierbot, "U0CARLA"), await last_message_to(tierbot, "U0ADMIN")
    await tierbot.slack.click("carla", cam, "Decline")
    assert "already declined by" in text_of(await tierbot.slack.click("admin", admin, "Approve anyway"))
    assert "don't know who you are yet" in text_of(await tierbot.slack.command("eve", "/tier"))


async def test_a_code_can_be_used_once(tierbot: ServedBot):
    invited = text_of(await tierbot.slack.command("carla", "/tier", "invite bea@example.com"))
    code = invited.split()[0]
    assert "links whoever types it to bea@example.com" in invited
    assert "Welcome, Bea" in text_of(await tierbot.slack.command("eve", "/tier", f"link {code.lower()}"))
    assert "Zweite GmbH" in text_of(await tierbot.slack.command("eve", "/tier"))
    assert "no longer linked to bea@example.com" in text_of(await tierbot.slack.command("eve", "/tier", "unlink"))
    assert "wrong, used or expired" in text_of(await tierbot.slack.command("eve", "/tier", f"link {code}"))
    assert code not in str(audit_entries(tierbot))


async def test_a_new_code_voids_the_earlier_one(tierbot: ServedBot):
    first = text_of(await tierbot.slack.command("carla", "/tier", "invite bea@example.com")).split()[0]
    second = text_of(await tierbot.slack.command("carla", "/tier", "invite bea@example.com")).split()[0]
    assert "wrong, used or expired" in text_of(await tierbot.slack.command("eve", "/tier", f"link {first}"))
    assert "Welcome, Bea" in text_of(await tierbot.slack.command("eve", "/tier", f"link {second}"))


async def test_a_code_expires(tierbot: ServedBot):
    from datetime import timedelta

    old = tierbot.clock() - timedelta(days=8)
    with writing(tierbot.core.engine) as connection:
        code = create_code(connection, None, "bea@example.com", old)
    assert "wrong, used or expired" in text_of(await tierbot.slack.command("eve", "/tier", f"link {code}"))


async def test_a_channel_defaults_to_its_partner_for_those_who_may_see_it(tierbot: ServedBot):
    slack = tierbot.slack
    assert "isn't about a partner yet" in text_of(await slack.command("carla", "/tier", "here"))
    assert "is about Partner A now" in text_of(await slack.command("carla", "/tier", "here Partner A"))
    assert "225 points to Platinum" in text_of(await slack.command("carla", "/tier"))
    assert "Zweite GmbH" in text_of(await slack.command("bea", "/tier")), "it gives nobody access to the partner"
    assert "Zweite GmbH" in text_of(await slack.command("carla", "/tier", "PB"))
    assert "no longer about a partner" in text_of(await slack.command("carla", "/tier", "here none"))
    assert "Which partner?" in text_of(await slack.command("carla", "/tier"))


async def test_only_those_who_manage_a_partner_can_set_a_channel_to_it(tierbot: ServedBot):
    assert "Only a CAM, a CC or an admin" in text_of(await tierbot.slack.command("ana", "/tier", "here PA"))
    assert "can't find a partner" in text_of(await tierbot.slack.command("carla", "/tier", "here PC"))


@pytest.mark.parametrize(("words", "what"), [("link", "already linked"), ("prefer gold", "/tier prefer points")])
async def test_invalid_input_is_explained(tierbot: ServedBot, words: str, what: str):
    assert what in text_of(await tierbot.slack.command("ana", "/tier", words))


async def test_too_many_requests_are_refused(tierbot: ServedBot):
    for number in range(3):
        await tierbot.slack.command("eve", "/tier", f"link {number}@example.com")
    assert "several requests" in text_of(await tierbot.slack.command("eve", "/tier", "link 9@example.com"))


async def test_a_repeated_request_notifies_nobody_again(tierbot: ServedBot):
    for _ in range(3):
        await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    await last_message_to(tierbot, "U0CARLA")
    carla = tierbot.slack.state.directory.direct_message("U0CARLA").channel_id
    assert len(tierbot.slack.state.screen.in_channel(carla)) == 1


async def test_help_lists_what_else_tier_does(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("eve", "/tier", "help"))
    for subcommand in ("link", "unlink", "invite", "here", "prefer"):
        assert f"/tier {subcommand}" in text


async def test_approving_another_e_mail_than_the_profiles_asks_again_names_both_and_is_not_green(tierbot: ServedBot):
    await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    request = await last_message_to(tierbot, "U0CARLA")
    decline, approve = (each for block in request.blocks for each in block["elements"] if each["type"] == "button")
    assert decline["text"]["text"] == "Decline"
    assert approve["text"]["text"] == "Approve anyway"
    assert "style" not in approve
    question = approve["confirm"]["text"]["text"]
    assert "eve@example.com" in question
    assert "bea@example.com" in question


async def test_approving_the_profiles_own_e_mail_is_the_green_button(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        row = {"email": "eve@example.com", "partner_id": "PA", "name": "Eve", "role": "partner"}
        connection.execute(insert(table(PersonRow)), [row])
    await tierbot.slack.command("eve", "/tier", "link")
    request = await last_message_to(tierbot, "U0CARLA")
    approve, _ = (each for block in request.blocks for each in block["elements"] if each["type"] == "button")
    assert (approve["text"]["text"], approve["style"]) == ("Approve", "primary")
    assert "confirm" not in approve


async def test_a_code_gives_only_what_it_was_made_for(tierbot: ServedBot):
    """Bea becomes an admin after her code was made."""
    code = text_of(await tierbot.slack.command("carla", "/tier", "invite bea@example.com")).split()[0]
    with writing(tierbot.core.engine) as connection:
        row = {"email": "bea@example.com", "partner_id": "", "name": "Bea", "role": "admin"}
        connection.execute(insert(table(PersonRow)), [row])
    refused = text_of(await tierbot.slack.command("eve", "/tier", f"link {code}"))
    assert "made before this person was given more access" in refused
    assert "don't know who you are yet" in text_of(await tierbot.slack.command("eve", "/tier"))


async def move_bea_to_program(tierbot: ServedBot) -> None:
    """Bea becomes a CAM of PB alone, which Carla looks after, too."""
    with writing(tierbot.core.engine) as connection:
        mine = table(PersonRow).c.email == "bea@example.com"
        connection.execute(update(table(PersonRow)).where(mine).values(role="cam"))


async def test_a_channel_is_moved_only_by_who_looks_after_both_partners(tierbot: ServedBot):
    await move_bea_to_program(tierbot)
    slack = tierbot.slack
    await slack.command("carla", "/tier", "here Partner A")
    for text in ("here Zweite GmbH", "here none"):
        refused = text_of(await slack.command("bea", "/tier", text))
        assert "about a partner you don't look after" in refused
        assert "Partner A" not in refused
    assert "is about Partner A" in text_of(await slack.command("carla", "/tier", "here"))
    assert "is about Zweite GmbH now" in text_of(await slack.command("carla", "/tier", "here Zweite GmbH"))
    assert "no longer about" in text_of(await slack.command("bea", "/tier", "here none"))


async def test_both_partners_cams_hear_of_a_moved_channel_each_of_their_own_partner(tierbot: ServedBot):
    await move_bea_to_program(tierbot)
    await tierbot.slack.command("carla", "/tier", "here Partner A")
    await tierbot.slack.command("admin", "/tier", "here Zweite GmbH")
    told = text_of(await last_message_to(tierbot, "U0BEA"))
    assert "is now about Zweite GmbH" in told
    assert "Partner A" not in told
    carla = tierbot.slack.state.directory.direct_message("U0CARLA").channel_id

    def messages() -> list[str]:
        return [text_of(each) for each in tierbot.slack.state.screen.in_channel(carla)]

    await wait_until(lambda: len(messages()) == 2, "Carla, who looks after both, hears of both")
    assert "is no longer about Partner A" in messages()[0]
    assert "Digests and alerts there no longer cover Partner A. If this is a mistake, ask @" in messages()[0]
    assert "is now about Zweite GmbH" in messages()[1]
