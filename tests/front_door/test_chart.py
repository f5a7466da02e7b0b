"""The chart on every surface: native in messages and on Home, a picture in windows and where Slack refuses charts."""

from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT


async def shown_when(tierbot: ServedBot, holds) -> None:
    assert await tierbot.slack.state.screen.until(holds, TIMEOUT)


def kinds(shown) -> list[str]:
    return [block["type"] for block in shown.blocks]


async def test_a_message_has_the_native_chart_with_every_series_and_the_projection_marked(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/progress")
    [chart] = [block for block in answer.blocks if block["type"] == "data_visualization"]
    assert [each["name"] for each in chart["chart"]["series"]] == ["Sold", "Managed", "Combined", "Platinum threshold"]
    assert "projected from" in chart["title"]
    assert chart["chart"]["axis_config"]["categories"][-1].startswith("→")


async def test_home_has_the_native_chart_and_the_clients_below(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    points = (await tierbot.slack.click("ana", home, "Points breakdown")).view
    assert "data_visualization" in kinds(points)
    assert "420 points from 1 client" in text_of(points)


async def test_a_window_shows_the_chart_as_a_picture(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/clients")
    await tierbot.slack.click("ana", answer.message, "Open")
    stream = tierbot.slack.state.screen.stream
    await shown_when(tierbot, lambda: stream[-1].where == "modal" and "One moment" not in text_of(stream[-1]))
    await tierbot.slack.click("ana", stream[-1], "Progress")
    await shown_when(tierbot, lambda: "image" in kinds(stream[-1]))
    [image] = [block for block in stream[-1].blocks if block["type"] == "image"]
    assert tierbot.slack.files[image["slack_file"]["id"]].data.startswith(b"\x89PNG")
    assert "Combined" in image["alt_text"]


async def test_a_picture_replaces_the_chart_where_slack_refuses_charts_also_on_home(tierbot: ServedBot):
    tierbot.slack.unsupported_types.add("data_visualization")
    answer = await tierbot.slack.command("ana", "/progress")
    assert "image" in kinds(answer.message)
    home = (await tierbot.slack.open_home("ana")).view
    await tierbot.slack.click("ana", home, "Points breakdown")
    stream = tierbot.slack.state.screen.stream
    await shown_when(tierbot, lambda: stream[-1].where == "home" and "image" in kinds(stream[-1]))
    assert len(tierbot.slack.files) == 1, "the same chart is uploaded once"


async def test_the_numbers_are_shown_if_the_picture_fails(tierbot: ServedBot):
    from bot.playground.local_slack.faults import server_error

    tierbot.slack.unsupported_types.add("data_visualization")
    tierbot.slack.faults.add("files.getUploadURLExternal", server_error(), times=5)
    answer = await tierbot.slack.command("ana", "/progress")
    assert "rich_text_preformatted" in str(answer.blocks)
    assert "645" in text_of(answer)
