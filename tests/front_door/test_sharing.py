"""Sharing an answer: who will see it is said before, checked again when it is sent, and nobody learns more by it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.playground.local_slack.state.workspace import EVERY_SCOPE, Channel
from tests.support.delivered import audit_entries, direct_messages
from tests.support.served_bot import TODAY, ServedBot, text_of
from tests.support.waiting import wait_until
from tiercore.access import SlackUser
from tiercore.sharing.service import Sharing
from tiercore.sharing.types import Share
from tiercore.storage.transactions import Transactions

PARTNERS = Channel("C02PARTNERS", "partner-a", frozenset({"U0ANA", "U0CARLA"}), is_private=True)
EVERYBODY = Channel("C03ALL", "all", frozenset({"U0ANA", "U0CARLA", "U0EVE"}))
ABSENT = Channel("C04ABSENT", "absent", frozenset({"U0ANA", "U0CARLA"}), has_bot=False)


def with_channels(tierbot: ServedBot, *channels: Channel) -> None:
    for each in channels:
        tierbot.slack.directory.change(each)


async def window_of(tierbot: ServedBot, user: str, command: str = "/tier", text: str = ""):
    answer = await tierbot.slack.command(user, command, text)
    return (await tierbot.slack.click(user, answer.message, "Share")).view


async def settled(tierbot: ServedBot, view):
    """The window once it no longer says that it is looking."""
    stored = tierbot.slack.state.views.find(view.view_id)
    await wait_until(lambda: "Looking at" not in str(stored.body), "the window has its result")
    return SimpleNamespace(blocks=stored.body["blocks"], body=stored.body)


async def previewed(tierbot: ServedBot, user: str, target: str, *, comment: str | None = None, **asked: str):
    """The preview of what is shared with a channel or a person: the window, and what it shows."""
    window = await window_of(tierbot, user, **asked)
    where = "share-person" if target.startswith("U") else "share-channel"
    submitted = await tierbot.slack.submit_view(user, window, {where: target, "share-comment": comment})
    return submitted.view, await settled(tierbot, submitted.view)


async def confirmed(tierbot: ServedBot, user: str, view, *, tick: bool = False):
    current = tierbot.slack.modal(user)
    values = {"share-confirm": ["yes"]} if tick else {}
    submitted = (await tierbot.slack.submit_view(user, current, values)).view
    return submitted if submitted.errors else await settled(tierbot, view)


def posted(tierbot: ServedBot, channel: str, user: str = "ana"):
    return [each for each in tierbot.slack.messages(channel, user) if "Shared by" in text_of(each)]


def shares(tierbot: ServedBot) -> list[tuple[str, str, str, str]]:
    return [each for each in audit_entries(tierbot) if each[1] == "shared"]


async def shared(tierbot: ServedBot, channel: str, user: str = "ana"):
    await wait_until(lambda: posted(tierbot, channel, user), "it is shared")
    [message] = posted(tierbot, channel, user)
    return message


async def test_an_answer_is_shared_where_everybody_may_see_the_partner(tierbot: ServedBot):
    with_channels(tierbot, PARTNERS)
    view, preview = await previewed(tierbot, "ana", PARTNERS.channel_id, comment="See *this* <!channel>")
    assert "2 people in" in text_of(preview)
    assert "All of them may see Partner A" in text_of(preview)
    assert "Partner A:" in text_of(preview)
    assert "Shared with" in text_of(await confirmed(tierbot, "ana", view))
    message = await shared(tierbot, PARTNERS.channel_id)
    shown = text_of(message)
    assert "Shared by @U0ANA · as of 5 Sep 2022, 12:0" in shown
    assert "figures don't update" in shown
    assert "See *this*" in shown
    assert [each["type"] for block in message.blocks for each in block.get("elements", []) if "action_id" in each] == [
        "button"
    ]
    assert "<!channel>" not in message.text
    detail = "tier of PA, seen by 2 people, 0 without access"
    assert shares(tierbot) == [("T01LOCAL/U0ANA", "shared", PARTNERS.channel_id, detail)]


async def test_the_same_window_shares_once(tierbot: ServedBot):
    with_channels(tierbot, PARTNERS)
    _view, _ = await previewed(tierbot, "ana", PARTNERS.channel_id)
    current = tierbot.slack.modal("ana")
    for _ in range(2):
        await tierbot.slack.submit_view("ana", current, {})
    await shared(tierbot, PARTNERS.channel_id)
    assert len(shares(tierbot)) == 1


async def test_a_partners_person_may_not_share_with_somebody_who_may_not_see_the_partner(tierbot: ServedBot):
    with_channels(tierbot, EVERYBODY)
    _, window = await previewed(tierbot, "ana", EVERYBODY.channel_id)
    assert "Not everybody there may see Partner A" in text_of(window)
    assert "Ask Carla" in text_of(window)
    assert "callback_id" not in window.body or window.body["callback_id"] != "share-preview"


async def test_a_cam_confirms_those_who_cannot_see_the_partner_otherwise(tierbot: ServedBot):
    with_channels(tierbot, EVERYBODY)
    view, preview = await previewed(tierbot, "carla", EVERYBODY.channel_id, text="Partner A")
    assert "1 person of them can't see Partner A otherwise" in text_of(preview)
    refused = await confirmed(tierbot, "carla", view)
    assert refused.errors == {"share-confirm": "Tick the box to show it to them, or cancel."}
    await confirmed(tierbot, "carla", view, tick=True)
    message = await shared(tierbot, EVERYBODY.channel_id, "eve")
    assert [detail for *_, detail in shares(tierbot)] == ["tier of PA, seen by 3 people, 1 without access"]
    click = await tierbot.slack.click("eve", message, "Ask this yourself")
    assert "I don't know who you are yet" in text_of(click.message)
    assert click.message.ephemeral


async def test_who_clicks_a_shared_message_is_answered_alone_by_their_own_rights_as_of_its_day(tierbot: ServedBot):
    with_channels(tierbot, replace(PARTNERS, members=frozenset({"U0ANA", "U0CARLA", "U0BEA"})))
    view, _ = await previewed(tierbot, "carla", PARTNERS.channel_id, command="/gap", text="platinum Partner A")
    await confirmed(tierbot, "carla", view, tick=True)
    message = await shared(tierbot, PARTNERS.channel_id)
    mine = (await tierbot.slack.click("ana", message, "Ask this yourself")).message
    assert "Partner A:" in text_of(mine)
    assert mine.ephemeral
    assert not [each for block in mine.blocks if block["type"] == "actions" for each in block["elements"]]
    other = (await tierbot.slack.click("bea", message, "Ask this yourself")).message
    assert "Partner A" not in text_of(other)


async def test_somebody_who_joins_in_between_stops_it_and_the_sharer_is_told(tierbot: ServedBot):
    with_channels(tierbot, PARTNERS)
    view, _ = await previewed(tierbot, "ana", PARTNERS.channel_id)
    with_channels(tierbot, replace(PARTNERS, members=PARTNERS.members | {"U0EVE"}))
    assert "Not everybody there may see Partner A" in text_of(await confirmed(tierbot, "ana", view))
    assert posted(tierbot, PARTNERS.channel_id) == []


async def test_somebody_who_joins_after_it_was_shared_stops_it_and_the_sharer_is_told(tierbot: ServedBot):
    with_channels(tierbot, EVERYBODY)
    sharing = Sharing(Transactions(tierbot.core.engine, tierbot.clock))
    share = Share("tier", "", "PA", TODAY, EVERYBODY.channel_id, token="t1")
    assert await sharing.share(SlackUser("T01LOCAL", "U0ANA"), share, {"PA"}, "seen by 2 people")
    await wait_until(lambda: direct_messages(tierbot, "U0ANA"), "ana is told")
    told = text_of(direct_messages(tierbot, "U0ANA")[0])
    assert "I didn't share your answer with" in told
    assert "Not everybody there may see Partner A" in told
    assert posted(tierbot, EVERYBODY.channel_id) == []
    assert {"not shared", "shared"} <= {change for _, change, _, _ in audit_entries(tierbot)}


async def test_a_channel_without_the_bot_is_refused_with_what_to_do(tierbot: ServedBot):
    with_channels(tierbot, ABSENT)
    _, window = await previewed(tierbot, "ana", ABSENT.channel_id)
    assert "/invite @tierbot" in text_of(window)


async def test_without_the_scopes_it_is_said_which_are_missing(tierbot: ServedBot):
    with_channels(tierbot, PARTNERS)
    scopes = tuple(each for each in EVERY_SCOPE if each != "groups:read")
    tierbot.slack.state.directory.workspace = tierbot.slack.state.workspace = replace(
        tierbot.slack.state.workspace, scopes=scopes
    )
    _, window = await previewed(tierbot, "ana", PARTNERS.channel_id)
    assert "channels:read and groups:read" in text_of(window)


async def test_a_channel_with_another_organization_takes_a_cams_confirmation(tierbot: ServedBot):
    with_channels(tierbot, replace(PARTNERS, is_ext_shared=True))
    _, window = await previewed(tierbot, "ana", PARTNERS.channel_id)
    assert "only its CAM" in text_of(window)
    view, preview = await previewed(tierbot, "carla", PARTNERS.channel_id, text="Partner A")
    assert "People of another organization are in this channel" in text_of(preview)
    await confirmed(tierbot, "carla", view, tick=True)
    await shared(tierbot, PARTNERS.channel_id)


async def test_a_large_channel_that_another_organization_joins_takes_another_confirmation(
    tierbot: ServedBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handlers.sharing.MANY", 2)
    with_channels(tierbot, EVERYBODY)
    view, preview = await previewed(tierbot, "carla", EVERYBODY.channel_id, text="Partner A")
    assert "I can't check whether all of them may see Partner A" in text_of(preview)
    with_channels(tierbot, replace(EVERYBODY, is_ext_shared=True))
    window = await confirmed(tierbot, "carla", view, tick=True)
    assert "Somebody else is there now who can't see it otherwise" in text_of(window)
    assert posted(tierbot, EVERYBODY.channel_id) == []


async def test_a_channel_that_gets_the_partners_digest_already_takes_no_confirmation(tierbot: ServedBot):
    with_channels(tierbot, EVERYBODY)
    for command, text in (("/tier", "here Partner A"), ("/digest", "monday 9:00 here")):
        answer = await tierbot.slack.command("carla", command, text, channel=EVERYBODY.channel_id)
        assert answer.message
    view, preview = await previewed(tierbot, "ana", EVERYBODY.channel_id)
    assert "This channel gets Partner A's notifications already" in text_of(preview)
    await confirmed(tierbot, "ana", view)
    await shared(tierbot, EVERYBODY.channel_id)


async def test_an_answer_is_shared_with_one_person_in_a_direct_message(tierbot: ServedBot):
    view, preview = await previewed(tierbot, "carla", "U0ANA", text="Partner A")
    assert "Only @U0ANA will see this" in text_of(preview)
    await confirmed(tierbot, "carla", view)
    await wait_until(
        lambda: [each for each in direct_messages(tierbot, "U0ANA") if "Shared by" in text_of(each)], "ana has it"
    )
    assert [detail for *_, detail in shares(tierbot)] == ["tier of PA, seen by 1 person, 0 without access"]


async def test_members_are_read_page_by_page(tierbot: ServedBot):
    with_channels(tierbot, replace(EVERYBODY, members=None))
    tierbot.slack.state.members_page = 2
    _, window = await previewed(tierbot, "carla", EVERYBODY.channel_id, text="Partner A")
    assert "5 people in" in text_of(window)
