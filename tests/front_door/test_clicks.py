"""What stands in a conversation for others is changed only by what is true for all of them."""

from pathlib import Path

from bot.playground.local_slack.screen import Shown
from tests.support.alerts import LOST, import_rows, rows
from tests.support.controls import controls_of
from tests.support.served_bot import PEOPLE, ServedBot, text_of
from tests.support.waiting import wait_until
from tiercore.storage.tables.notifications import OutboxRow, SignalRow


def posted(tierbot: ServedBot) -> list[Shown]:
    """Every message that is not ephemeral, as it is now."""
    state = tierbot.slack.state
    return [each for channel in state.directory.channels for each in state.screen.in_channel(channel)]


async def fill_conversations(tierbot: ServedBot, folder: Path) -> None:
    """A digest and an alert in a channel, a digest for Ana, a request to decide for Carla and the admin."""
    slack = tierbot.slack
    await slack.command("carla", "/tier", "here Partner A")
    await slack.command("carla", "/digest", "monday 9:00 here")
    await slack.command("carla", "/digest", "alerts on here")
    await slack.command("ana", "/digest", "monday 9:00")
    await wait_until(
        lambda: {row.partner_id for row in rows(tierbot, SignalRow)} >= {"PA"}, "the red ones are recorded"
    )
    for user, where in (("carla", "now here"), ("ana", "now")):
        await slack.command(user, "/digest", where)
    await slack.command("eve", "/tier", "link bea@example.com")
    import_rows(tierbot, folder, "subscriptions.csv", LOST)
    await wait_until(lambda: any("turned red" in text_of(each) for each in posted(tierbot)), "the alert arrives")
    await wait_until(lambda: sum("asks to be linked" in text_of(each) for each in posted(tierbot)) == 2, "the requests")
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")


async def test_no_click_on_anything_changes_a_message_for_others_or_shows_them_its_answer(
    tierbot: ServedBot, tmp_path: Path
):
    """Everyone clicks everything that they see, but for the decisions that they may make."""
    await fill_conversations(tierbot, tmp_path / "more")
    state, clicks = tierbot.slack.state, 0
    for message in posted(tierbot):
        before = {each.ts for each in posted(tierbot)}
        for control in controls_of(message):
            for person in PEOPLE:
                may_decide = control.element["action_id"].startswith(("do:approve", "do:decline"))
                if person.user_id not in state.readers_of(message) or may_decide:
                    continue
                answer = await tierbot.slack.click(person, message, *control)
                clicks += 1
                assert not answer.sent.error
                answers = [each for each in answer.shown if each.trigger]  # not the alert, which says who took it on
                assert all(state.readers_of(each) == {person.user_id} for each in answers)
        new = [each for each in posted(tierbot) if each.ts not in before]
        assert all(state.readers_of(each) < set(state.directory.people) for each in new), "only direct messages"
    assert clicks > 40
    assert state.taken_from_others() == []


async def test_a_stranger_takes_no_digest_away_from_its_channel(tierbot: ServedBot, tmp_path: Path):
    await fill_conversations(tierbot, tmp_path / "more")
    digest = next(each for each in posted(tierbot) if each.channel == "C01SALES" and list(controls_of(each)))
    for control in controls_of(digest):
        answer = await tierbot.slack.click("eve", digest, *control)
        assert answer.shown
        assert all(tierbot.slack.state.readers_of(each) == {"U0EVE"} for each in answer.shown)
    assert digest in posted(tierbot)


async def test_a_decision_stands_for_everyone_and_a_refusal_only_for_who_clicked(tierbot: ServedBot):
    """Nobody else's request changes when someone clicks it who may not decide, or too late."""
    await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    await wait_until(lambda: len(posted(tierbot)) == 2, "both approvers are asked")
    request, other = sorted(posted(tierbot), key=lambda each: each.channel)
    decided = await tierbot.slack.click("admin", request, "Approve anyway")
    assert decided.message.replaced
    assert "is now linked to" in text_of(decided)
    late = await tierbot.slack.click("carla", other, "Approve anyway")
    assert "already approved by" in text_of(late)
    assert late.message.ephemeral
    assert not late.message.replaced


async def test_an_answer_to_a_click_in_a_thread_appears_in_the_thread(tierbot: ServedBot, tmp_path: Path):
    await fill_conversations(tierbot, tmp_path / "more")
    alert = next(each for each in posted(tierbot) if "turned red" in text_of(each))
    tierbot.slack.state.screen.messages[(alert.channel, alert.ts)].thread_ts = "1662379200.000100"
    snoozed = await tierbot.slack.click("carla", alert, "Snooze for a week")
    assert snoozed.message.ephemeral
    assert snoozed.message.thread_ts == "1662379200.000100"
