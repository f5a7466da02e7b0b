"""Forged payloads across workspaces, enterprises and channels: nobody sees or changes anything of another partner."""

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.signing import FORM
from bot.playground.local_slack.state.journal import ReceivedCall
from bot.playground.local_slack.state.workspace import Workspace
from bot.wiring import Core
from tests.support.forged_workspaces import BEA, PETRA, PROGRAM, Forged, Forger
from tests.support.installed_app import InstalledApp
from tests.support.secrets import given_away
from tests.support.three_workspaces import Workspaces, rows, snapshot, store_of_every_kind, three_workspaces
from tests.support.waiting import wait_until
from tiercore.storage.tables.approvals import ProposalRow
from tiercore.storage.tables.notifications import OutboxRow

FORGED = 1_000
JSON = "application/json"
SECRETS = {
    "PA": ("Partner A", "Alpha", "Verdeckt", "KAHID", "SAHID", "4,177", "4177", "12,000", "Vertraulich"),
    "PB": ("Zweite GmbH", "Be, Inc", "Unklar"),
    "PC": (
        "Geheim",
        "Söhne",
        "Verborgen",
        "Gamma",
        "Versteckt",
        "KCHID",
        "SCHID",
        "5,277",
        "98,765",
        "98765",
        "Heimlich",
    ),
    "PD": ("Evil",),
}
MAY_SEE = {BEA: "PB", PETRA: "PC"}
IN_PROGRAM = {"U0ANA": ("PA",), "U0BEA": ("PB",), "U0CARLA": ("PA", "PB", "PD"), "U0ADMIN": tuple(SECRETS)}


@pytest.fixture
async def workspaces(core: Core, tmp_path: Path) -> AsyncIterator[Workspaces]:
    async with three_workspaces(core, tmp_path / "more") as running:
        yield running


class Readers:
    """Who reads what the bot sends: by the trigger, the window, the channel or the user."""

    def __init__(self, slacks: dict[str, Slack]) -> None:
        self.slacks, self.by_trigger, self.by_view = slacks, dict[str, Any](), dict[str, Any]()
        self.inboxes = dict[str, tuple[Slack, tuple[Any, str]]]()

    def response_url(self, team: Any, user: str) -> str:
        """An address of a workspace with nothing in it but the answers to this one sender."""
        name = f"{team or 'none'}-{user}"
        if name not in self.inboxes:
            self.inboxes[name] = self.slacks[PROGRAM].beside(Workspace(team_id=name)), (team, user)
        return f"{self.slacks[PROGRAM].response_prefix}actions/{name}/forged"

    def trigger(self, team: str, user: str) -> str:
        return self.slacks.get(team, self.slacks[PROGRAM]).state.tokens.new_trigger(user)

    def met(self, forged: Forged) -> None:
        self.by_trigger[str(forged.body.get("trigger_id"))] = forged.reader
        view = forged.body.get("view") or (forged.body.get("event") or {}).get("view") or {}
        self.by_view[str(view.get("id"))] = forged.reader

    def of(self, team: str, call: ReceivedCall) -> tuple[Any, str]:
        arguments = call.arguments
        if call.method == "views.open" or call.method == "views.push":
            reader = self.by_trigger[arguments["trigger_id"]]
            if call.accepted:
                self.by_view[call.answer["view"]["id"]] = reader
            return reader
        if call.method == "views.update":
            return self.by_view[arguments["view_id"]]
        target = str(arguments.get("user_id") or arguments.get("channel") or arguments.get("channel_id") or "")
        # An ID is one person's, in whichever workspace.
        user = f"U{target[1:]}" if target.startswith("D") else target
        return next((each for each in MAY_SEE if each[1] == user), (team, user))


def allowed(reader: tuple[Any, str]) -> tuple[str, ...]:
    if reader[0] == PROGRAM:
        return IN_PROGRAM.get(reader[1], ())
    return (MAY_SEE[reader],) if reader in MAY_SEE else ()


def foreign(reader: tuple[Any, str], text: str) -> list[str]:
    seen = allowed(reader)
    return given_away([each for whose, words in SECRETS.items() if whose not in seen for each in words], text)


async def send(app: InstalledApp, forged: Forged) -> str:
    if forged.is_event:
        body, kind = json.dumps(forged.body).encode(), JSON
    elif forged.surface == "command":
        body, kind = urlencode(forged.body).encode(), FORM
    else:
        body, kind = urlencode({"payload": json.dumps(forged.body)}).encode(), FORM
    answer = await app.slack.post(body, app.slack.signed(body, kind))
    assert answer.status in (200, 400), (forged, answer)
    return answer.body


@pytest.mark.slow
async def test_nobody_sees_or_changes_anything_of_another_partner(
    workspaces: Workspaces, share_of: Callable[[int], int]
):
    app, slacks = workspaces
    ids = await store_of_every_kind(app)
    before = snapshot(app.core)
    readers, surfaces, told = Readers(slacks), Counter[str](), Counter[Any]()
    forger = Forger(random.Random(2022), ids, readers.trigger, readers.response_url)
    for _ in range(share_of(FORGED)):
        forged = forger()
        readers.met(forged)
        surfaces[forged.surface] += 1
        answered = await send(app, forged)
        told[forged.reader] += bool(answered)
        assert not foreign(forged.reader, answered), (forged, answered)
    ended = {"sent", "dropped", "dead"}
    await wait_until(lambda: {row.state for row in rows(app.core, OutboxRow)} <= ended, "everything is dealt with")
    await app.bot.stop()  # which lets what was begun come to its end
    calls = [(readers.of(team, each), each) for team, slack in slacks.items() for each in slack.journal.received]
    calls += [(reader, each) for slack, reader in readers.inboxes.values() for each in slack.journal.received]
    for reader, call in calls:
        told[reader] += 1
        shown = json.dumps(call.arguments, ensure_ascii=False)
        assert not foreign(reader, shown), (reader, call.method, shown)
    assert len(surfaces) >= 8
    assert told[BEA]
    assert told[PETRA]
    assert snapshot(app.core) == before
    own = {"bea@example.com": "PB", "petra@example.com": "PC"}
    made = [each for each in rows(app.core, ProposalRow) if each.proposal_id not in ids]
    assert all(own[each.proposed_by] == each.partner_id for each in made)
