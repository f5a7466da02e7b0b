"""Proposals: who may decide them, once, with the change in the same transaction."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select

from tests.support.busy import importing
from tests.support.served_bot import link_user
from tests.support.waiting import TIMEOUT
from tiercore.access import SlackUser
from tiercore.approvals.service import Approvals
from tiercore.approvals.types import EXPIRES_AFTER, NewProposal, NoSuchProposal, Part, Proposal, ProposalState
from tiercore.people.audit import latest
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.people import FeedbackRow

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
ROLES = {
    "ana": ("partner", "PA"),
    "carla": ("cam", "PA"),
    "dora": ("cam", "PB"),
    "ada": ("admin", ""),
    "abe": ("admin", ""),
}
ANA, CARLA, DORA, ADA, ABE = (SlackUser("T01", f"U0{name.upper()}") for name in ROLES)
EVE = SlackUser("T01", "U0EVE")
ABOUT_PA, ABOUT_ALL = NewProposal("note", {"text": "a sale"}, "PA"), NewProposal("note", {"text": "a table"})


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def approvals(engine: Engine, clock: Clock) -> Approvals:
    """Approvals of one kind, whose change is a line of feedback; the text "impossible" is refused."""
    with writing(engine) as connection:
        people = [
            {"email": f"{name}@example.com", "name": name.title(), "role": role, "partner_id": partner}
            for name, (role, partner) in ROLES.items()
        ]
        connection.execute(insert(table(PersonRow)), people)
    for name, user in zip(ROLES, (ANA, CARLA, DORA, ADA, ABE), strict=True):
        link_user(engine, user.team_id, user.user_id, f"{name}@example.com")
    return Approvals(engine, {"note": write_feedback}, clock)


def write_feedback(connection: Connection, proposal: Proposal, now: datetime) -> None:
    if proposal.payload["text"] == "impossible":
        raise InvalidChange("That can't be done any more.")
    row = {"team_id": "T01", "user_id": "", "email": proposal.decided_by, "text": proposal.payload["text"]}
    connection.execute(insert(table(FeedbackRow)), [{**row, "sent_at": now}])


def done(engine: Engine) -> list[tuple[str, str]]:
    """The changes made: who approved each, and its text."""
    feedback = table(FeedbackRow)
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(feedback.c.email, feedback.c.text))]


def queued(engine: Engine) -> dict[str, list[str]]:
    """What the outbox has for each user, in order: card, change, outcome."""
    outbox, found = table(OutboxRow), dict[str, list[str]]()
    with reading(engine) as connection:
        for place, what in connection.execute(select(outbox.c.place, outbox.c.what).order_by(outbox.c.outbox_id)):
            content: Mapping[str, Any] = json.loads(what)
            found.setdefault(place, []).append(content["as"])
    return found


def lose_role(engine: Engine, email: str) -> None:
    person = table(PersonRow)
    with writing(engine) as connection:
        connection.execute(delete(person).where(person.c.email == email))


async def test_a_partners_proposal_goes_to_its_cam_and_the_admins_alone(approvals: Approvals, engine: Engine):
    await approvals.propose(ABOUT_PA, ANA)
    assert queued(engine) == {user.user_id: ["card"] for user in (ANA, CARLA, ADA, ABE)}


async def test_approving_makes_the_change_and_updates_every_card(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    ended = await approvals.decide(CARLA, proposal.value, approve=True)
    assert (ended.state, ended.decided_by, ended.decider) == (ProposalState.APPROVED, "carla@example.com", "U0CARLA")
    assert done(engine) == [("carla@example.com", "a sale")]
    assert all(each == ["card", "change", "outcome"] for each in queued(engine).values())
    with reading(engine) as connection:
        made = [(each.actor, each.change, each.subject) for each in latest(connection, 20) if "note" in each.change]
    assert made == [("T01/U0CARLA", "approved note", "PA"), ("T01/U0ANA", "proposed note", "PA")]


async def test_declining_changes_nothing(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    assert (await approvals.decide(CARLA, proposal.value, approve=False)).state is ProposalState.DECLINED
    assert not done(engine)


@pytest.mark.parametrize(("by", "new"), [(ADA, ABOUT_ALL), (CARLA, ABOUT_PA)])
async def test_nobody_decides_their_own_proposal(approvals: Approvals, engine: Engine, by: SlackUser, new: NewProposal):
    proposal = await approvals.propose(new, by)
    with pytest.raises(NotAllowed, match="someone else has to decide"):
        await approvals.decide(by, proposal.value, approve=True)
    assert not done(engine)


async def test_nobody_decides_their_own_proposal_from_a_second_account(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_ALL, ADA)
    second = SlackUser("T01", "U0ADA2")
    link_user(engine, second.team_id, second.user_id, "ada@example.com")
    with pytest.raises(NotAllowed):
        await approvals.decide(second, proposal.value, approve=True)
    assert not done(engine)


@pytest.mark.parametrize("user", [EVE, DORA, SlackUser("T02", "U0CARLA")])
async def test_a_proposal_of_others_reads_like_none(approvals: Approvals, engine: Engine, user: SlackUser):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    said = set()
    for value in (proposal.value, "forged:12345678", "", proposal.proposal_id):
        with pytest.raises(NoSuchProposal) as refused:
            await approvals.decide(user, value, approve=True)
        with pytest.raises(NoSuchProposal):
            await approvals.withdraw(user, value)
        said.add(str(refused.value))
    assert len(said) == 1
    assert await approvals.shown_to(user, proposal.proposal_id) is None
    assert not done(engine)


async def test_someone_who_has_lost_the_role_decides_nothing(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    lose_role(engine, "carla@example.com")
    with pytest.raises(NoSuchProposal):
        await approvals.decide(CARLA, proposal.value, approve=True)
    assert not done(engine)


async def test_two_deciders_at_once_make_the_change_once(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    clicks = [approvals.decide(each, proposal.value, approve=True) for each in (CARLA, ADA, ABE, CARLA)]
    found = await asyncio.gather(*clicks, return_exceptions=True)
    assert len([each for each in found if isinstance(each, Proposal)]) == 1
    assert all("already approved by" in str(each) for each in found if not isinstance(each, Proposal))
    assert len(done(engine)) == 1


async def test_a_change_that_is_refused_leaves_the_proposal_open(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(NewProposal("note", {"text": "impossible"}, "PA"), ANA)
    with pytest.raises(InvalidChange, match="can't be done any more"):
        await approvals.decide(CARLA, proposal.value, approve=True)
    shown = await approvals.shown_to(CARLA, proposal.proposal_id)
    assert shown is not None
    assert shown.proposal.is_open
    assert queued(engine)["U0CARLA"] == ["card"]


async def test_a_card_that_shows_something_else_decides_nothing(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    with pytest.raises(InvalidChange, match="has changed since this card was sent"):
        await approvals.decide(CARLA, f"{proposal.proposal_id}:00000000", approve=True)
    assert not done(engine)


async def test_only_the_proposer_withdraws_and_then_nobody_approves(approvals: Approvals, engine: Engine):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    with pytest.raises(NotAllowed):
        await approvals.withdraw(CARLA, proposal.value)
    assert (await approvals.withdraw(ANA, proposal.value)).state is ProposalState.WITHDRAWN
    with pytest.raises(InvalidChange, match="already withdrawn by Ana"):
        await approvals.decide(CARLA, proposal.value, approve=True)
    assert not done(engine)


async def test_a_stranger_and_a_partner_propose_nothing_for_everyone_or_for_others(approvals: Approvals):
    for by, new in ((EVE, ABOUT_PA), (ANA, ABOUT_ALL), (CARLA, ABOUT_ALL), (DORA, ABOUT_PA)):
        with pytest.raises(NotAllowed):
            await approvals.propose(new, by)


async def test_everyone_lists_what_they_made_and_what_they_may_decide(approvals: Approvals):
    about_pa, about_all = await approvals.propose(ABOUT_PA, ANA), await approvals.propose(ABOUT_ALL, ADA)

    async def parts(user: SlackUser) -> dict[str, Part]:
        return {each.proposal.proposal_id: each.part for each in await approvals.open_for(user)}

    assert await parts(ANA) == {about_pa.proposal_id: Part.PROPOSER}
    assert await parts(CARLA) == {about_pa.proposal_id: Part.DECIDER}
    assert await parts(ADA) == {about_pa.proposal_id: Part.DECIDER, about_all.proposal_id: Part.PROPOSER}
    assert await parts(DORA) == await parts(EVE) == {}


async def test_with_one_admin_a_proposal_waits_and_is_carried_out(approvals: Approvals, engine: Engine, clock: Clock):
    lose_role(engine, "abe@example.com")
    proposal = await approvals.propose(ABOUT_ALL, ADA, alone_after=timedelta(hours=24))
    assert proposal.alone_at == NOW + timedelta(hours=24)
    clock.now += timedelta(hours=23)
    assert await approvals.settle_due() == 0
    clock.now += timedelta(hours=1)
    assert sorted(await asyncio.gather(approvals.settle_due(), approvals.settle_due())) == [0, 1]
    assert [text for _, text in done(engine)] == ["a table"]
    assert queued(engine) == {"U0ADA": ["card", "change", "outcome"]}


async def test_without_a_waiting_time_somebody_else_is_needed(approvals: Approvals, engine: Engine):
    lose_role(engine, "abe@example.com")
    with pytest.raises(InvalidChange, match="Nobody else could approve this"):
        await approvals.propose(ABOUT_ALL, ADA)


async def test_an_admin_who_comes_while_it_waits_decides_instead(approvals: Approvals, engine: Engine, clock: Clock):
    lose_role(engine, "abe@example.com")
    proposal = await approvals.propose(ABOUT_ALL, ADA, alone_after=timedelta(hours=24))
    with writing(engine) as connection:
        row = {"email": "abe@example.com", "name": "Abe", "role": "admin", "partner_id": ""}
        connection.execute(insert(table(PersonRow)), [row])
    clock.now += timedelta(hours=25)
    assert await approvals.settle_due() == 0
    assert not done(engine)
    link_user(engine, "T01", "U0ABE", "abe@example.com")
    assert (await approvals.decide(ABE, proposal.value, approve=True)).state is ProposalState.APPROVED


async def test_what_nobody_decides_expires(approvals: Approvals, engine: Engine, clock: Clock):
    proposal = await approvals.propose(ABOUT_PA, ANA)
    clock.now += EXPIRES_AFTER
    assert await approvals.settle_due() == 1
    with pytest.raises(InvalidChange, match="already expired"):
        await approvals.decide(CARLA, proposal.value, approve=True)
    assert not done(engine)


async def test_the_operators_proposal_goes_to_every_admin(approvals: Approvals, engine: Engine):
    await approvals.propose(ABOUT_ALL, None)
    assert queued(engine) == {user.user_id: ["card"] for user in (ABE, ADA)}


async def test_a_second_click_proposes_nothing_new(approvals: Approvals, engine: Engine):
    first, second = await approvals.propose(ABOUT_PA, ANA), await approvals.propose(ABOUT_PA, ANA)
    assert first.proposal_id == second.proposal_id
    assert set(map(len, queued(engine).values())) == {1}
    await approvals.withdraw(ANA, first.value)
    assert (await approvals.propose(ABOUT_PA, ANA)).proposal_id != first.proposal_id


async def test_while_an_import_runs_nothing_is_carried_out_and_nobody_waits_for_it(
    approvals: Approvals, engine: Engine, clock: Clock
):
    await approvals.propose(ABOUT_PA, ANA)
    clock.now += EXPIRES_AFTER
    with importing(engine):
        assert await asyncio.wait_for(approvals.settle_due(), TIMEOUT) == 0
    assert await approvals.settle_due() == 1
