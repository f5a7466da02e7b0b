"""The graph on every surface: native in messages and Home, a picture in windows and where Slack refuses it."""

from tests.support.served_bot import Office, said
from tests.support.waiting import ENOUGH


async def until(office: Office, holds) -> None:
    assert await office.slack.state.screen.until(holds, ENOUGH)


def kinds(shown) -> list[str]:
    return [block["type"] for block in shown.blocks]


async def test_a_message_has_the_native_chart_with_every_series_and_the_projection_marked(office: Office):
    answer = await office.slack.command("ana", "/progress")
    [chart] = [block for block in answer.blocks if block["type"] == "data_visualization"]
    assert [each["name"] for each in chart["chart"]["series"]] == ["Sold", "Managed", "Combined", "Platinum threshold"]
    assert "projected from" in chart["title"]
    assert chart["chart"]["axis_config"]["categories"][-1].startswith("→")


async def test_home_has_the_native_chart_and_the_clients_below(office: Office):
    home = (await office.slack.open_home("ana")).view
    points = (await office.slack.click("ana", home, "Points breakdown")).view
    assert "data_visualization" in kinds(points)
    assert "420 points from 1 client" in said(points)


async def test_a_window_shows_the_chart_as_a_picture(office: Office):
    answer = await office.slack.command("ana", "/clients")
    await office.slack.click("ana", answer.message, "Open")
    stream = office.slack.state.screen.stream
    await until(office, lambda: stream[-1].where == "modal" and "One moment" not in said(stream[-1]))
    await office.slack.click("ana", stream[-1], "Progress")
    await until(office, lambda: "image" in kinds(stream[-1]))
    [image] = [block for block in stream[-1].blocks if block["type"] == "image"]
    assert office.slack.files[image["slack_file"]["id"]].data.startswith(b"\x89PNG")
    assert "Combined" in image["alt_text"]


async def test_a_picture_replaces_the_chart_where_slack_refuses_charts_also_on_home(office: Office):
    office.slack.refuses.add("data_visualization")
    answer = await office.slack.command("ana", "/progress")
    assert "image" in kinds(answer.message)
    home = (await office.slack.open_home("ana")).view
    await office.slack.click("ana", home, "Points breakdown")
    stream = office.slack.state.screen.stream
    await until(office, lambda: stream[-1].where == "home" and "image" in kinds(stream[-1]))
    assert len(office.slack.files) == 1, "the same chart is uploaded once"


async def test_the_numbers_are_shown_if_the_picture_fails(office: Office):
    from bot.playground.local_slack.faults import server_error

    office.slack.refuses.add("data_visualization")
    office.slack.faults.add("files.getUploadURLExternal", server_error(), times=5)
    answer = await office.slack.command("ana", "/progress")
    assert "rich_text_preformatted" in str(answer.blocks)
    assert "645" in said(answer)
