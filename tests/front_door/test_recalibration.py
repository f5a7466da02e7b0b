"""`/recalibration` at the front door."""

from tests.support.served_bot import ServedBot, text_of


async def test_a_partner_sees_the_result_and_every_sample(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/recalibration"))
    assert "Partner A: Gold is kept on 15 Jan 2023, in 132 days" in text
    assert "🟢 Kept: Gold or higher on 15 Aug 2022" in text
    assert "Sampling window 15 Aug 2022 to 15 Jan 2023" in text
    assert "🟢 15 Aug 2022 points reach Gold" in text
    assert "🔴 15 Nov 2022 below Gold: combined points and managed minimum not met ▸ projected" in text
    assert "🟢 Certification: valid on 15 Jan 2023 (until 31 Jan 2023)" in text


async def test_a_cam_reaches_a_partners_recalibration_by_command_and_by_tab(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "PA")
    clicked = await tierbot.slack.click("carla", answer.message, "Recalibration")
    assert "Gold is kept on 15 Jan 2023" in text_of(clicked)
    assert "no credited tier on file to review" in text_of(await tierbot.slack.command("carla", "/recalibration", "PB"))


async def test_home_shows_the_recalibration_beside_the_standing(tierbot: ServedBot):
    home = (await tierbot.slack.open_home("ana")).view
    assert "Gold is kept on 15 Jan 2023" in text_of(home)
