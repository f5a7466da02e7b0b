"""A figure that doesn't match: flagged in a window, explained, answered by the CAM, resolved, in one thread."""

import json
from types import SimpleNamespace

from sqlalchemy import update

from tests.support.delivered import audit_entries, direct_messages, rows
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.access import SlackUser
from tiercore.people.people import unlink_user
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.cases import FigureCaseRow
from tiercore.storage.tables.notifications import OutboxRow

cases = table(FigureCaseRow)


async def flagged(tierbot: ServedBot, user: str, shown: str, **fields: str):
    """The window after its submission, with what explains the difference."""
    answer = await tierbot.slack.command(user, "/tier")
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
    assert "you now follow the case that is open about it" in text_of(joined)
    assert len(rows(tierbot, FigureCaseRow)) == 1


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
        for block in answer.message.blocks:
            for element in block.get("elements", []):
                if element.get("action_id") == "form:flag":
                    element.update(action_id="do:resolve_case", value=case_id)
        answers.append(text_of(await tierbot.slack.click("bea", answer.message, "Doesn't match?")))
    assert answers[0] == answers[1]
    assert "This case isn't one of yours" in answers[0]
    assert rows(tierbot, FigureCaseRow)[0].state == "open"


async def test_a_forged_partner_in_the_window_opens_nothing(tierbot: ServedBot):
    answer = await tierbot.slack.command("bea", "/tier")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "form:flag":
                element.update(value=json.dumps(["flag", "", "P1"]))
    window = (await tierbot.slack.click("bea", answer.message, "Doesn't match?")).view
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
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "form:flag":
                element.update(action_id="do:take_case", value=stored.case_id)
    refused = await tierbot.slack.click("ana", answer.message, "Doesn't match?")
    assert "Only the partner's CAM or CC, or an admin, can do this." in text_of(refused)
    assert rows(tierbot, FigureCaseRow)[0].owner is None
