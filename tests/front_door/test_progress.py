"""`/progress` as signed requests to the real server on both engines, and what Slack shows."""

import json

from bot.cli.ask import ask
from tests.support.served_bot import TODAY, ServedBot, text_of
from tiercore.people.holds import hold
from tiercore.storage.transactions import Transactions


async def test_the_first_loss_the_figures_and_the_chart_fit_on_one_screen(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/progress")
    text = text_of(answer)
    assert (
        "Partner A: Gold at risk from 1 Nov 2022, in 57 days: combined points 90 of 200; managed minimum 0 of 50"
        in text
    )
    assert "420 points today = 270 sold + 150 managed; as many as on 31 Mar 2022" in text
    assert "65% of the 645 points that Platinum needs: 225 to go" in text
    assert "90 points projected for 30 Nov 2022: 330 expire" in text
    assert "The performing tier falls from Gold to no tier" in text
    assert "next reviewed on 15 Jan 2023" in text
    assert "Table of the tests" in text
    assert answer.message.ephemeral
    assert not tierbot.slack.journal.errors


async def test_the_native_chart_marks_what_is_projected(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/progress")
    [chart] = [block for block in answer.blocks if block["type"] == "data_visualization"]
    assert chart["title"] == "Points, projected from Sep 2022"
    assert chart["chart"]["type"] == "line"
    assert chart["chart"]["axis_config"]["categories"] == [
        *("Mar 2022", "Apr", "May", "Jun", "Jul", "Aug", "Today", "→ Sep", "→ Oct", "→ Nov")
    ]
    drawn = {each["name"]: [point["value"] for point in each["data"]] for each in chart["chart"]["series"]}
    assert drawn["Sold"] == [270.0] * 8 + [90.0] * 2
    assert drawn["Managed"] == [150.0] * 9 + [0.0]
    assert drawn["Combined"] == [420.0] * 8 + [240.0, 90.0]
    assert drawn["Platinum threshold"] == [645.0] * 10


async def test_numbers_and_chart_can_replace_each_other(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/progress", "PA")
    numbers = await tierbot.slack.click("carla", answer.message, "Numbers")
    [table] = [block for block in numbers.blocks if block["type"] == "data_table"]
    texts = [[cell["text"] for cell in row] for row in table["rows"]]
    assert texts[0] == ["Month's end", "Sold", "Managed", "Combined", "Platinum threshold", "Status"]
    assert texts[1] == ["Mar 2022", "270", "150", "420", "645", "actual"]
    assert texts[7] == ["Today, 5 Sep 2022", "270", "150", "420", "645", "today"]
    assert texts[10] == ["Nov 2022", "90", "0", "90", "645", "projected"]
    assert "data_visualization" not in str(numbers.blocks)
    assert numbers.message.replaced
    back = await tierbot.slack.click("carla", numbers.message, "Chart")
    assert "data_visualization" in str(back.blocks)
    assert not tierbot.slack.journal.errors


async def test_a_cam_is_asked_which_partner_and_still_gets_the_numbers(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/progress", "numbers")
    assert "Which partner?" in text_of(answer)
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert "Month's end" in text_of(clicked)
    tabbed = await tierbot.slack.click("carla", clicked.message, "Standing")
    assert "Partner A: Gold kept on 15 Jan 2023" in text_of(tabbed)


async def test_a_partner_without_a_tier_to_lose_sees_the_change(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("bea", "/progress"))
    assert "Zweite GmbH: +" in text
    assert "points in six months" in text


async def test_no_projection_is_shown_while_expiry_is_under_correction(tierbot: ServedBot):
    why = "downgrades of May are being corrected"
    Transactions(tierbot.core.engine).write_now(lambda connection, now: hold(connection, "expiry", "", why, now))
    answer = await tierbot.slack.command("ana", "/progress")
    text = text_of(answer)
    assert "Partner A: as many points as on 31 Mar 2022" in text
    assert why in text
    assert "420 points today" in text
    assert "projected" not in text
    assert "Oct" not in text
    assert "90" not in text
    assert not tierbot.slack.journal.errors


async def test_the_record_has_every_point_and_every_loss(tierbot: ServedBot):
    response = await ask(tierbot.core, "/progress", "ana@example.com", TODAY)
    record = json.loads(response.json())
    assert [each["projected"] for each in record["points"]] == [False] * 7 + [True] * 3
    assert record["points"][0] == {
        "day": "2022-03-31",
        "sold": "270.00",
        "managed": "150.00",
        "combined": "420.00",
        "threshold": "645.00",
        "projected": False,
    }
    assert record["falls"] == {
        "tier": "gold",
        "on": "2022-11-01",
        "performing": True,
        "to": None,
        "requirement": {
            "name": "combined_threshold",
            "have": "90.00",
            "need": "200.00",
            "short": "110.00",
            "unit": "points",
        },
        "because_of": ["combined_threshold", "managed_minimum"],
    }
    assert (record["lapsing"], record["beginning"], record["not_judged_from"]) == ("330.00", "0.00", None)
