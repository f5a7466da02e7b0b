"""Channels that the program shares with a partner (Slack Connect): what they may be about, what outsiders may do."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person
from bot.wiring import Core
from tests.support.forged_workspaces import OTHER, OWN, PROGRAM
from tests.support.served_bot import text_of
from tests.support.three_workspaces import Workspaces, rows, three_workspaces
from tests.support.waiting import wait_until
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.people import ChannelRow

OUTSIDERS = (
    Person("U0BEA2", "bea2", team_id=OWN),
    Person("U0NEW", "new", team_id=OWN),
    Person("U0PETRA", "petra", team_id=OTHER),
)
JOINT = Channel(
    "C05JOINT",
    "joint",
    frozenset({"U0CARLA", "U0BEA2", "U0NEW", "U0PETRA"}),
    is_ext_shared=True,
    connected=(PROGRAM, OWN),
)
NAMES = ("Zweite", "Partner A", "Geheim", "Dritte")


@pytest.fixture
async def workspaces(core: Core, tmp_path: Path) -> AsyncIterator[Workspaces]:
    async with three_workspaces(core, tmp_path / "more") as running:
        for each in (*OUTSIDERS, JOINT):
            running[1][PROGRAM].directory.change(each)
        yield running


async def here(slack: Slack, user: str, text: str) -> Shown:
    return (await slack.command(user, "/tier", f"here {text}", channel=JOINT)).message


def about(core: Core) -> list[tuple[str, str]]:
    return [(each.channel_id, each.partner_id) for each in rows(core, ChannelRow)]


async def settled(workspaces: Workspaces) -> Slack:
    """The program's workspace, where the channel is about the partner that it is shared with."""
    app, slacks = workspaces
    asked = await here(slacks[PROGRAM], "carla", "PB")
    await slacks[PROGRAM].click("carla", asked, "Yes, make it so")
    await wait_until(lambda: about(app.core), "the channel is settled")
    return slacks[PROGRAM]


async def test_a_cam_confirms_what_a_shared_channel_is_about_and_both_sides_are_told(workspaces: Workspaces):
    app, slacks = workspaces
    asked = await here(slacks[PROGRAM], "carla", "PB")
    assert "People of another organization are in this channel. Is it about Zweite GmbH?" in text_of(asked)
    assert about(app.core) == []
    await slacks[PROGRAM].click("carla", asked, "Yes, make it so")
    await wait_until(lambda: slacks[PROGRAM].messages(JOINT, "U0BEA2"), "the notice is in the channel")
    [notice] = slacks[PROGRAM].messages(JOINT, "U0BEA2")
    assert "This channel is now about Zweite GmbH. Confirmed by @U0CARLA" in text_of(notice)
    assert about(app.core) == [("C05JOINT", "PB")]


@pytest.mark.parametrize("connected", [(OWN,), (OWN, "T9UNKNOWN")])
async def test_a_shared_channel_is_not_about_another_partner_and_the_reason_names_nobody(
    workspaces: Workspaces, connected: tuple[str, ...]
):
    app, slacks = workspaces
    slacks[PROGRAM].directory.change(replace(JOINT, connected=connected))
    refused = text_of(await here(slacks[PROGRAM], "carla", "PA"))
    assert "This channel is shared with an organization that this partner isn't." in refused
    assert not [each for each in NAMES if each in refused]
    assert about(app.core) == []


async def test_an_invitation_that_is_pending_counts_and_is_looked_at_again_when_confirmed(workspaces: Workspaces):
    app, slacks = workspaces
    asked = await here(slacks[PROGRAM], "carla", "PB")
    slacks[PROGRAM].directory.change(replace(JOINT, invited=(OTHER,)))
    refused = await slacks[PROGRAM].click("carla", asked, "Yes, make it so")
    assert "shared with an organization that this partner isn't" in text_of(refused)
    assert about(app.core) == []
    assert slacks[PROGRAM].messages(JOINT, "U0BEA2") == []


async def test_a_forged_confirmation_makes_a_channel_about_nothing(workspaces: Workspaces):
    app, slacks = workspaces
    asked = await here(slacks[PROGRAM], "carla", "PB")
    button = next(each for block in asked.blocks for each in block.get("elements", ()) if each["type"] == "button")
    for user, partner in (("carla", "PA"), ("carla", "PC"), ("U0BEA2", "PB"), ("U0PETRA", "PC")):
        message = asked if user == "carla" else (await slacks[PROGRAM].command(user, "/tier", channel=JOINT)).message
        forged = {**button, "value": partner}
        found = next((each for block in message.blocks for each in block.get("elements", ()) if "value" in each), None)
        if found is None:
            continue
        found.update(forged)
        await slacks[PROGRAM].click(user, message, found)
    assert about(app.core) == []


async def test_what_is_shared_there_is_about_that_partner_alone(workspaces: Workspaces):
    _, slacks = workspaces
    for partner, refused in (("PA", True), ("PB", False)):
        answer = await slacks[PROGRAM].command("carla", "/tier", partner)
        form = (await slacks[PROGRAM].click("carla", answer.message, "Share")).view
        where = {"share-channel": JOINT.channel_id}
        submitted = (await slacks[PROGRAM].submit_view("carla", form, where)).view
        current = slacks[PROGRAM].state.views.find(submitted.view_id)
        await wait_until(lambda shown=current: "Looking at who" not in str(shown.body), "the preview is there")
        shown = json.dumps(current.body)
        assert ("People of another organization are in that channel, and this isn't about them." in shown) is refused
    assert "2 of them" in shown or "2 people" in shown, shown


async def test_outsiders_click_and_read_as_their_own_link_says(workspaces: Workspaces):
    slack = await settled(workspaces)
    await slack.command("carla", "/digest", "monday 9:00 here", channel=JOINT)
    await slack.command("carla", "/digest", "now here", channel=JOINT)
    await wait_until(lambda: len(slack.messages(JOINT, "U0BEA2")) > 1, "the digest is in the channel")
    digest = slack.messages(JOINT, "U0BEA2")[-1]
    said = {user: text_of(await slack.click(user, digest, "Gap")) for user in ("U0BEA2", "U0PETRA", "U0NEW")}
    assert "Zweite GmbH" in said["U0BEA2"]
    assert not [each for user in ("U0PETRA", "U0NEW") for each in NAMES if each in said[user]]


async def test_what_is_to_be_sent_there_waits_while_others_are_in_it(workspaces: Workspaces):
    slack = await settled(workspaces)
    await slack.command("carla", "/digest", "monday 9:00 here", channel=JOINT)
    slack.directory.change(replace(JOINT, connected=(OWN, OTHER)))
    await slack.event("carla", {"type": "channel_shared", "channel": JOINT.channel_id, "connected_team_id": OTHER})
    before = len(slack.messages(JOINT, "U0PETRA"))
    await slack.command("carla", "/digest", "now here", channel=JOINT)

    def faults() -> set[str | None]:
        return {each.fault for each in rows(workspaces[0].core, OutboxRow) if each.place == JOINT.channel_id}

    await wait_until(lambda: any("shared_with_others" in str(each) for each in faults()), "it waits")
    assert len(slack.messages(JOINT, "U0PETRA")) == before
