"""A figure that doesn't match: flagged in a window, explained, answered by the CAM, resolved, in one thread."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, update

from tests.support.controls import forged
from tests.support.delivered import audit_entries, direct_messages, rows
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.served_bot import TODAY, ServedBot, link_user, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.access import PartnerName, Reach, SlackUser
from tiercore.cases.service import Cases
from tiercore.explaining.claims import Claim, Figure, Measure
from tiercore.ingest.importing import import_folder
from tiercore.people.people import unlink_user
from tiercore.people.types import NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.cases import FigureCaseRow
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

cases = table(FigureCaseRow)


async def flagged(tierbot: ServedBot, user: str, shown: str, *, partner: str = "", **fields: str):
    """The window after its submission, with what explains the difference."""
    answer = await tierbot.slack.command(user, "/tier", partner)
    window = (await tierbot.slack.click(user, answer.message, "Doesn't match?")).view
    submitted = (await tierbot.slack.submit_view(user, window, {"shown": shown, **fields})).view
    if submitted.errors:
        return submitted
    current = tierbot.slack.state.views.find(submitted.view_id)
    await wait_until(lambda: "Looking for" not in str(current.body), "the explanations are there")
    return SimpleNamespace(blocks=current.body["blocks"])


async def case_messages(tierbot: ServedBot, user: str, number: int):
    """The messages about cases to someone, as soon as there are so many."""

    def found():
        return [each for each in direct_messages(tierbot, user) if "combined points" in each.text]

    await wait_until(lambda: len(found()) >= number, f"{number} messages to {user}")
    return found()


async def test_a_flagged_figure_goes_from_open_to_answered_to_resolved_in_one_thread(tierbot: ServedBot):
    shown = await flagged(tierbot, "ana", "390")
    assert "The dashboard shows 390, tierbot has" in text_of(shown)
    assert "I've passed this to your CAM." in text_of(shown)
    [case] = await case_messages(tierbot, "U0CARLA", 1)
    assert "🔴 Open: Partner A, combined points on 5 Sep 2022" in text_of(case)
    assert "Opened by @U0ANA today" in text_of(case)
    taken = await tierbot.slack.click("carla", case, "Take over")
    assert "The case is open" in text_of(taken)
    form = (await tierbot.slack.click("carla", case, "Answer")).view
    empty = (await tierbot.slack.submit_view("carla", form, {"text": " "})).view
    assert empty.errors == {"text": "Please write something."}
    sent = (await tierbot.slack.submit_view("carla", form, {"text": "The deal is registered to Bea."})).view
    assert "Your answer is in the thread" in text_of(sent)
    theirs = await case_messages(tierbot, "U0ANA", 3)
    first = next(each for each in theirs if "Opened by" in text_of(each))
    await wait_until(lambda: "🟠 Answered" in text_of(direct_messages(tierbot, "U0ANA")[0]), "the state is shown")
    replies = [each for each in theirs if each is not first]
    assert any("answered this case. Answer: The deal is registered to Bea." in text_of(each) for each in replies)
    assert {each.thread_ts for each in replies} == {first.ts}
    [current] = [each for each in direct_messages(tierbot, "U0ANA") if each.ts == first.ts]
    wrong = await tierbot.slack.click("ana", current, "Still wrong")
    assert "The case is open" in text_of(wrong)
    again = next(each for each in direct_messages(tierbot, "U0CARLA") if each.ts == case.ts)
    await tierbot.slack.click("carla", again, "Resolve")
    await wait_until(lambda: rows(tierbot, FigureCaseRow)[0].state == "resolved", "the case is resolved")
    assert rows(tierbot, FigureCaseRow)[0].owner == "U0CARLA"
    changes = [(actor, change) for actor, change, *_ in audit_entries(tierbot) if actor != "operator"]
    assert changes == [
        ("T01LOCAL/U0CARLA", "resolved a case"),
        ("T01LOCAL/U0ANA", "reopened a case"),
        ("T01LOCAL/U0CARLA", "answered a case"),
        ("T01LOCAL/U0CARLA", "took over a case"),
        ("T01LOCAL/U0ANA", "opened a case"),
    ]
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")
    assert tierbot.slack.journal.errors == []


async def test_the_same_figure_and_day_joins_the_open_case(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    joined = await flagged(tierbot, "ana", "391")
    assert "you follow the case that is open about it, and your value is in it" in text_of(joined)
    assert len(rows(tierbot, FigureCaseRow)) == 1


async def test_another_value_by_the_same_person_takes_the_place_of_the_first_and_both_are_in_the_thread(
    tierbot: ServedBot,
):
    await flagged(tierbot, "ana", "390")
    [case] = await case_messages(tierbot, "U0CARLA", 1)
    await flagged(tierbot, "ana", "450")
    await wait_until(lambda: len(direct_messages(tierbot, "U0CARLA")) == 2, "the CAM is told")
    first, reply = direct_messages(tierbot, "U0CARLA")
    assert "@U0ANA now says that the dashboard shows 450. Before, it was 390." in text_of(reply)
    assert (reply.thread_ts, first.ts) == (case.ts, case.ts)
    await wait_until(lambda: "The dashboard shows 450" in text_of(direct_messages(tierbot, "U0CARLA")[0]), "it changes")
    assert "it would show 450 points" in text_of(direct_messages(tierbot, "U0CARLA")[0])
    assert rows(tierbot, FigureCaseRow)[0].claimed == "450"


async def test_another_person_s_value_is_told_in_the_thread_and_leaves_the_case_as_it_is(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    await case_messages(tierbot, "U0CARLA", 1)
    await flagged(tierbot, "admin", "450", partner="Partner A")
    await wait_until(lambda: len(direct_messages(tierbot, "U0CARLA")) == 2, "the CAM is told")
    assert "@U0ADMIN now says that the dashboard shows 450." in text_of(direct_messages(tierbot, "U0CARLA")[1])
    assert rows(tierbot, FigureCaseRow)[0].claimed == "390"


async def test_a_figure_that_matches_opens_no_case(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    assert "420" in text_of(answer)
    same = await flagged(tierbot, "ana", "420")
    assert "It matches: tierbot has 420 points" in text_of(same)
    assert rows(tierbot, FigureCaseRow) == []


async def test_what_cannot_be_read_is_said_at_its_field(tierbot: ServedBot):
    wrong = await flagged(tierbot, "ana", "many")
    assert wrong.errors == {"shown": "Type the number that the dashboard shows, like 270, 270.5 or US$9,000."}
    future = await flagged(tierbot, "ana", "390", day="2022-09-06")
    assert "dashboard can't show a later one" in future.errors["day"]
    nobody = await flagged(tierbot, "ana", "390", client="Nobody Ltd")
    assert "no client called" in nobody.errors["client"]


async def test_the_cases_that_wait_are_listed_and_open_from_the_list(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    listed = await tierbot.slack.command("carla", "/tier", "cases")
    assert "1 open case" in text_of(listed)
    [stored] = rows(tierbot, FigureCaseRow)
    window = (await tierbot.slack.click("carla", listed.message, "form:case", stored.case_id)).view
    assert "Opened by @U0ANA" in text_of(window)
    assert "No figure is flagged." in text_of(await tierbot.slack.command("bea", "/tier", "cases"))


async def test_a_forged_case_and_one_of_another_partner_look_the_same(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    [stored] = rows(tierbot, FigureCaseRow)
    answers = []
    for case_id in (stored.case_id, "forged"):
        answer = await tierbot.slack.command("bea", "/tier")
        button = forged(answer.message, "do:resolve_case", case_id)
        answers.append(text_of(await tierbot.slack.click("bea", answer.message, button)))
    assert answers[0] == answers[1]
    assert "This case isn't one of yours" in answers[0]
    assert rows(tierbot, FigureCaseRow)[0].state == "open"


async def test_a_forged_partner_in_the_window_opens_nothing(tierbot: ServedBot):
    answer = await tierbot.slack.command("bea", "/tier")
    button = forged(answer.message, "form:flag", json.dumps(["flag", "", "PA"]))
    window = (await tierbot.slack.click("bea", answer.message, button)).view
    assert "Partner A" not in text_of(window)
    assert rows(tierbot, FigureCaseRow) == []


async def test_the_cams_home_and_digest_say_how_many_cases_wait_and_how_old_the_oldest_is(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    await case_messages(tierbot, "U0CARLA", 1)
    await case_messages(tierbot, "U0ANA", 1)
    nine_days = 9 * 24 * 60 * 60 * 1000
    with writing(tierbot.core.engine) as connection:
        connection.execute(update(cases).values(opened_at=cases.c.opened_at - nine_days))
    home = (await tierbot.slack.open_home("carla", wait=TIMEOUT)).view
    reminder = "1 open case, open for 9 days: Partner A, combined points on 5 Sep 2022"
    assert reminder in text_of(home)
    await tierbot.slack.command("carla", "/digest", "monday 9:00 UTC")
    await tierbot.slack.command("carla", "/digest", "now")
    await wait_until(
        lambda: any(reminder in text_of(each) for each in direct_messages(tierbot, "U0CARLA")), "the digest says so"
    )
    assert reminder not in text_of((await tierbot.slack.open_home("ana", wait=TIMEOUT)).view)


async def test_without_a_linked_cam_the_admins_are_asked(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        unlink_user(connection, SlackUser("T01LOCAL", "U0CARLA"))
    await flagged(tierbot, "ana", "390")
    assert len(await case_messages(tierbot, "U0ADMIN", 1)) == 1


async def test_a_partner_cannot_answer_or_take_over(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    [stored] = rows(tierbot, FigureCaseRow)
    answer = await tierbot.slack.command("ana", "/tier")
    button = forged(answer.message, "do:take_case", stored.case_id)
    refused = await tierbot.slack.click("ana", answer.message, button)
    assert "Only the partner's CAM or CC, or an admin, can do this." in text_of(refused)
    assert rows(tierbot, FigureCaseRow)[0].owner is None


async def test_a_case_is_its_enterprises_and_another_workspace_opens_its_own(tierbot: ServedBot):
    """The case names Slack users, and its threads are in one workspace."""
    await flagged(tierbot, "ana", "390")
    other, cases = SlackUser("T02OTHER", "U0ANNA"), Cases(Transactions(tierbot.core.engine), tierbot.core.program)
    link_user(tierbot.core.engine, other.team_id, other.user_id, "ana@example.com")
    assert await cases.of_partners(other, ["PA"], 5) == []
    assert (await cases.waiting(other.team_id, ["PA"])).count == 0
    assert (await cases.waiting("T01LOCAL", ["PA"])).count == 1
    reach = Reach("ana@example.com", "Ana", frozenset(), (PartnerName("PA", "Partner A"),), viewer=other)
    claim = Claim.shown(Figure.COMBINED, TODAY, 390_000_000, 1_000_000, Measure.POINTS, None)
    found = await cases.flag(other, reach.grant_of("PA"), claim, "390")
    assert not found.joined
    assert len(rows(tierbot, FigureCaseRow)) == 2
    assert (await cases.flag(other, reach.grant_of("PA"), claim, "390")).joined


async def test_a_cam_of_one_partner_is_reminded_of_its_cases_too(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        person = table(PersonRow)
        connection.execute(delete(person).where(person.c.email == "carla@example.com", person.c.partner_id != "PA"))
    await flagged(tierbot, "ana", "390")
    await case_messages(tierbot, "U0CARLA", 1)
    for user in ("carla", "ana"):
        await tierbot.slack.command(user, "/digest", "monday 9:00 UTC")
        await tierbot.slack.command(user, "/digest", "now")
    reminder = "1 open case, open for 0 days: Partner A, combined points on 5 Sep 2022"
    assert any(reminder in each for each in await digests_to(tierbot, "U0CARLA"))
    assert not any(reminder in each for each in await digests_to(tierbot, "U0ANA"))


async def digests_to(tierbot: ServedBot, user: str) -> list[str]:
    def found() -> list[str]:
        return [text_of(each) for each in direct_messages(tierbot, user) if "/digest" in text_of(each)]

    await wait_until(lambda: len(found()) > 0, "the digest is there")
    return found()


async def test_a_partner_takes_back_the_case_that_they_opened(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    [mine] = await case_messages(tierbot, "U0ANA", 1)
    [theirs] = await case_messages(tierbot, "U0CARLA", 1)
    assert "Withdraw" not in text_of(theirs)
    taken_back = await tierbot.slack.click("ana", mine, "Withdraw")
    assert "You took the case back." in text_of(taken_back)
    assert rows(tierbot, FigureCaseRow)[0].state == "withdrawn"
    for user in ("U0CARLA", "U0ANA"):
        await wait_until(
            lambda user=user: "⚪ Withdrawn" in text_of(direct_messages(tierbot, user)[0]), f"{user} sees it"
        )
    again = await tierbot.slack.click("ana", mine, "Withdraw")
    assert "already withdrawn" in text_of(again)


async def test_a_colleague_cannot_take_back_a_case_of_someone_else(tierbot: ServedBot):
    await flagged(tierbot, "ana", "390")
    [stored] = rows(tierbot, FigureCaseRow)
    cases = Cases(Transactions(tierbot.core.engine), tierbot.core.program)
    with pytest.raises(NotAllowed, match="Only the person who opened"):
        await cases.withdraw(SlackUser("T01LOCAL", "U0CARLA"), stored.case_id)


async def test_what_explains_a_shared_agreement_shows_no_other_partners_name(tierbot: ServedBot, tmp_path: Path):
    """Acme's managed points are halved, because another partner has an agreement with it, too."""
    agreements = f"{FOLDER['agreements.csv']}A9,PC,C1,2021-01-01,\n"
    folder = write_folder(tmp_path / "shared", agreements=agreements)
    assert import_folder(tierbot.core.engine, tierbot.core.program, folder, today=TODAY).stored
    shown = await flagged(tierbot, "ana", "420")
    [case] = await case_messages(tierbot, "U0ANA", 1)
    for each in (shown, case):
        assert "shared" in text_of(each).lower(), text_of(each)
        for secret in ("Geheim", "PC", "Verborgen", "A9"):
            assert secret not in text_of(each)
