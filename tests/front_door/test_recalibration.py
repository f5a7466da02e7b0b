"""`/recalibration` at the front door."""

from tests.support.served_bot import Office, said


async def test_a_partner_sees_the_result_and_every_sample(office: Office):
    text = said(await office.slack.command("ana", "/recalibration"))
    assert "Partner A: Gold is kept on 15 Jan 2023, in 132 days" in text
    assert "🟢 Kept: Gold or higher on 15 Aug 2022" in text
    assert "Sampling window 15 Aug 2022 to 15 Jan 2023" in text
    assert "🟢 15 Aug 2022 Gold, enough" in text
    assert "🔴 15 Nov 2022 no tier, not enough ▸ projected" in text
    assert "🟢 Certification: valid on 15 Jan 2023 (until 31 Jan 2023)" in text


async def test_a_cam_reaches_a_partners_recalibration_by_command_and_by_tab(office: Office):
    answer = await office.slack.command("carla", "/tier", "PA")
    clicked = await office.slack.click("carla", answer.message, "Recalibration")
    assert "Gold is kept on 15 Jan 2023" in said(clicked)
    assert "no credited tier to review" in said(await office.slack.command("carla", "/recalibration", "PB"))


async def test_home_shows_the_recalibration_beside_the_standing(office: Office):
    home = (await office.slack.open_home("ana")).view
    assert "Gold is kept on 15 Jan 2023" in said(home)
