"""`/recalibration` at the front door."""

from tests.support.served_bot import Office, said


async def test_a_partner_sees_what_comes_out_and_every_sample(office: Office):
    text = said(await office.slack.command("ana", "/recalibration"))
    assert "Partner A: Gold is kept on 15 Jan 2023, in 132 days" in text
    assert "🟢 Kept: Gold or higher on 15 Aug 2022" in text
    assert "Sampling window 15 Aug 2022 to 15 Jan 2023" in text
    assert "🟢 15 Aug 2022 points reach Gold" in text
    assert "🔴 15 Nov 2022 points are below Gold ▸ projected" in text
    assert "🟢 Certification: valid on 15 Jan 2023 (until 31 Jan 2023)" in text


async def test_a_cam_asks_for_a_partner_and_is_led_there_by_the_tabs(office: Office):
    answer = await office.slack.command("carla", "/tier", "PA")
    clicked = await office.slack.click("carla", answer.message, "Recalibration")
    assert "Gold is kept on 15 Jan 2023" in said(clicked)
    assert "no credited tier to review" in said(await office.slack.command("carla", "/recalibration", "PB"))


async def test_home_has_it_beside_the_standing(office: Office):
    home = (await office.slack.open_home("ana")).view
    assert "Gold is kept on 15 Jan 2023" in said(home)
