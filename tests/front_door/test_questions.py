"""The questions as signed requests to the real server, and what Slack shows."""

from pathlib import Path

import pytest

from tests.support.alerts import import_rows
from tests.support.served_bot import ServedBot, table_in, text_of


async def test_a_standing_is_in_the_acknowledgement_and_visible_only_to_the_sender(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    assert answer.sent.status == 200
    assert answer.message.ephemeral
    text = text_of(answer)
    assert "225 points to Platinum" in text
    assert "65%" in text
    assert "420 of 645" in text
    assert "Sold 270 (sourced 90, assisted 180) + managed 150 = combined 420" in text
    assert "Credited tier: Gold since 15 Jan 2022 · performing tier: Gold" in text
    assert "225 points short = US$7,500 sourced or assisted, or US$22,500 managed" in text
    assert "🟢 Sold minimum: met" in text
    assert "🟩🟩🟩🟩🟩 270 of 270" in text
    assert "270 points = US$9,000 of MRR" in text
    assert "🟢 Certification: met" in text
    assert "valid at the recalibration on 15 Jan 2023" in text
    assert "🟢 Median tool usage: met" in text
    assert "⚫ C$R: no target set" in text
    assert "next recalibration: 15 Jan 2023" in text
    assert "Table of the tests" in text
    assert tierbot.slack.journal.calls("chat.postMessage") == []
    assert tierbot.slack.journal.errors == []


async def test_the_225_missing_points_can_be_sold_managed_or_both(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/gap", "platinum"))
    assert "225 points to Platinum" in text
    assert "225 points of any kind (sold, managed or a mix). Choose one:" in text
    assert "Assisted sales only: US$7,500 of MRR" in text
    assert "Managed clients only: US$22,500 of MRR" in text


async def test_expiring_shows_the_points_and_what_they_cost(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/expiring"))
    assert "Partner A: 330 points expire within 90 days" in text
    assert "5 Oct 2022 −180 Acme, Marketing Hub: assisted sale, 12 months old" in text
    assert "1 Nov 2022 −120 Acme, Marketing Hub: managed, agreement ends" in text
    assert "1 Nov 2022 −30 Acme, Sales Hub: managed, agreement ends" in text
    assert "Performing tier falls from Gold to no tier on 1 Nov 2022" in text
    assert "Platinum's sold minimum turns red on 5 Oct 2022, in 30 days: 90 of 270" in text


async def test_an_unknown_expiry_is_blank_with_the_reason(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("bea", "/expiring"))
    assert "Expiry unknown for 1 product line" in text
    assert "Unklar AG, Service Hub: the subscription and the sale are in different currencies" in text


@pytest.mark.parametrize("word", ["/tier", "/gap", "/expiring", "/progress", "/changes", "/convert"])
async def test_help_shows_usage_and_examples(tierbot: ServedBot, word: str):
    text = text_of(await tierbot.slack.command("eve", word, "help"))
    assert word in text
    assert "put quotes around it" in text


@pytest.mark.parametrize(
    ("command", "text", "meant"),
    [
        ("/expiring", "3 monts", "/expiring 3 months"),
        ("/expiring", "3 monts Partner A", '/expiring 3 months "Partner A"'),
        ("/changes", "2 weks", "/changes 2 weeks"),
    ],
)
async def test_a_mistyped_time_span_is_corrected_with_one_click(
    tierbot: ServedBot, command: str, text: str, meant: str
):
    answer = await tierbot.slack.command("ana", command, text)
    assert "Did you mean" in text_of(answer)
    clicked = await tierbot.slack.click("ana", answer.message, meant)
    assert "Partner A" in text_of(clicked)


async def test_a_mistyped_tier_is_corrected_with_one_click(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/gap", "platnum")
    assert "I can't find a tier or partner called “platnum”" in text_of(answer)
    clicked = await tierbot.slack.click("ana", answer.message, "/gap platinum")
    assert "225 points to Platinum" in text_of(clicked)


async def test_a_mistyped_tier_keeps_its_day_when_it_is_corrected(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/gap", "platnum by 15 jan")
    clicked = await tierbot.slack.click("ana", answer.message, "/gap platinum by 2023-01-15")
    assert "to Platinum by 15 Jan 2023" in text_of(clicked)


async def test_a_gap_by_a_day_counts_what_expires_until_then_and_another_day_is_a_choice_away(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/gap", "gold by 15 jan")
    head, sold, managed, total, *_ = table_in(answer)
    assert head == ["Requirement", "Today", "Expires", "15 Jan 2023", "Required", "State"]
    assert sold[:4] == ["Sold minimum", "270", "−180", "90"]
    assert managed[:4] == ["Managed minimum", "150", "−150", "0"]
    assert total[:4] == ["Combined points", "420", "−330", "90"]
    assert "1 Nov 2022 −120 Acme, Marketing Hub: managed, agreement ends" in text_of(answer)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("platinum by 1 jan 2022", "1 Jan 2022 is over. Choose a day from 5 Sep 2022 to 5 Sep 2023."),
        ("platinum by 2030-01-01", "1 Jan 2030 is too far ahead"),
        ("platinum by 15 foo", "“15 foo” isn't a day."),
    ],
)
async def test_a_day_that_cannot_be_asked_about_is_refused_with_what_to_choose(
    tierbot: ServedBot, text: str, says: str
):
    assert says in text_of(await tierbot.slack.command("ana", "/gap", text))


async def test_a_tier_from_another_time_is_refused_with_the_current_ones(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/gap", "silver"))
    assert "The program has no tier called “silver”" in text
    assert "Gold, Platinum, Diamond and Elite" in text


async def test_a_cam_naming_no_partner_chooses_one_with_a_click(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/gap", "platinum")
    assert "Which partner?" in text_of(answer)
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert "225 points to Platinum" in text_of(clicked)
    assert clicked.message.replaced


async def test_the_tabs_under_an_answer_lead_to_the_other_questions(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "partner a")
    gap = await tierbot.slack.click("carla", answer.message, "Gap")
    assert "sold, managed or a mix" in text_of(gap)
    expiring = await tierbot.slack.click("carla", gap.message, "Expiring")
    assert "points expire within 90 days" in text_of(expiring)


async def test_an_unlinked_user_sees_how_to_get_linked(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("eve", "/tier"))
    assert "team T01LOCAL, user U0EVE" in text


async def test_an_import_is_visible_to_the_next_command(tierbot: ServedBot, tmp_path):
    from tests.support.sample_folder import FOLDER
    from tiercore.ingest.importing import import_folder

    folder = tmp_path / "more"
    folder.mkdir()
    more = "S9,PA,C1,Marketing Hub,upsell,assisted,7500.00,USD,2022-09-01"
    (folder / "sales.csv").write_text(FOLDER["sales.csv"].splitlines()[0] + "\n" + more + "\n")
    assert "225 points to Platinum" in text_of(await tierbot.slack.command("ana", "/tier"))
    import_folder(tierbot.core.engine, tierbot.core.program, folder, today=tierbot.core.settings.today_is())
    assert "performing tier: Platinum" in text_of(await tierbot.slack.command("ana", "/tier"))


async def test_a_cancellation_lowers_the_retention_that_elite_requires(tierbot: ServedBot, tmp_path):
    from tests.support.sample_folder import FOLDER
    from tiercore.ingest.importing import import_folder

    assert ["C$R", "–", "100%", "above 85%", "🟢 met"] in table_in(await tierbot.slack.command("ana", "/gap", "elite"))
    folder = tmp_path / "more"
    folder.mkdir()
    header = FOLDER["subscriptions.csv"].splitlines()[0]
    (folder / "subscriptions.csv").write_text(f"{header}\nC1,Sales Hub,0,USD,2022-06-15,\n")
    import_folder(tierbot.core.engine, tierbot.core.program, folder, today=tierbot.core.settings.today_is())
    rows = table_in(await tierbot.slack.command("ana", "/gap", "elite"))
    assert ["C$R", "–", "80%", "above 85%", "🔴 5.01 percentage points short"] in rows


async def test_retention_is_unknown_with_the_reason_without_subscription_levels(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("admin", "/gap", 'elite "Geheim & Söhne"'))
    unknown = "no subscription data for the clients that earned points in the last 12 months (needs above 85%)"
    assert f"⚪ unknown: {unknown}" in text


async def test_malicious_names_are_shown_as_plain_text(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "PD")
    assert "<!channel> *Evil* <https://evil.example|x>" in text_of(answer)
    body = tierbot.slack.journal.sent[-1].body
    assert "<!channel>" not in answer.text
    assert "&lt;!channel&gt;" in answer.text
    assert '"mrkdwn"' not in str(body)


async def test_health_and_readiness(tierbot: ServedBot):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for path, status in (("healthz", 200), ("readyz", 200), ("nothing", 404)):
            async with session.get(f"http://127.0.0.1:{tierbot.bot.port}/{path}") as response:
                assert response.status == status


async def test_a_questions_arguments_survive_the_choice_of_a_partner(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/expiring", "3 weeks")
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert "within 21 days" in text_of(clicked)


async def test_spaces_and_quotes_do_not_make_a_button_too_long(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/gap", '"" ' * 60 + "platinum" + " " * 300)
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert "225 points to Platinum" in text_of(clicked)


@pytest.mark.parametrize("text", ["platinum tier", "to platinum", "platinum for Partner A", "to the platinum"])
async def test_a_tier_is_understood_in_a_sentence(tierbot: ServedBot, text: str):
    answer = text_of(await tierbot.slack.command("ana", "/gap", text))
    assert "225 points to Platinum" in answer


async def test_gains_and_losses_add_up_and_name_client_and_cause(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/changes", "1 year"))
    assert "Partner A: +300 points in 365 days" in text
    assert "300 gained (270 sold, 30 managed) · 0 expired or lost (0 sold, 0 managed)" in text
    assert "120 combined points on 5 Sep 2021, 420 on 5 Sep 2022" in text
    assert "+300 Acme: +180 sale (Marketing Hub, 5 Oct 2021); +90 sale (Sales Hub, 1 Mar 2022)" in text
    assert "+30 managed: subscription started (Sales Hub, 1 Mar 2022)" in text
    assert "Gained: sale +270 · subscription started +30" in text
    assert "no points changed in 30 days" in text_of(await tierbot.slack.command("ana", "/changes"))
    assert tierbot.slack.journal.errors == []


async def test_a_cam_can_type_or_click_for_a_partners_changes(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/changes", "june 2022")
    assert "Which partner?" in text_of(answer)
    clicked = await tierbot.slack.click("carla", answer.message, "Partner A")
    assert "Partner A: no points changed in 97 days" in text_of(clicked)
    by_name = text_of(await tierbot.slack.command("carla", "/changes", "zweite gmbh since may"))
    assert "Zweite GmbH: +90 points in 128 days" in by_name
    tab = await tierbot.slack.click("carla", (await tierbot.slack.command("carla", "/tier", "PA")).message, "Changes")
    assert "Partner A: no points changed in 30 days" in text_of(tab)


async def test_a_future_date_is_refused_with_what_can_be_asked(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/changes", "2022-12"))
    assert "Choose a day before 5 Sep 2022." in text
    assert "like 2022-06-15, june, 2022-06 or 3 months" in text


async def test_points_are_converted_to_the_partners_currency_and_back(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/convert", "225 points"))
    assert "Partner A: 225 points = US$7,500 sourced or assisted, or US$22,500 managed" in text
    assert "Managed: US$22,500 (1 point per US$100); US$11,250 in growth markets (2)" in text
    euros = text_of(await tierbot.slack.command("bea", "/convert", "225 points"))
    assert "Zweite GmbH: 225 points ≈ €5,625 sourced or assisted, or €16,875 managed" in euros
    assert "Amounts in EUR are approximate" in euros
    back = text_of(await tierbot.slack.command("bea", "/convert", "€5,000 assisted"))
    assert "Zweite GmbH: €5,000 of MRR ≈ 200 assisted points" in back
    assert "US$100 equals €75 in the program's table" in back


async def test_each_amount_of_a_gap_that_is_approximate_has_the_sign(tierbot: ServedBot):
    said = text_of(await tierbot.slack.command("bea", "/gap", ""))
    ways = [way.partition(" in growth markets")[0] for way in said.split("only: ")[1:]]
    assert ways
    assert [(way.count("≈ €"), way.count("€")) for way in ways] == [(2, 2)] * len(ways)


async def test_amounts_that_are_not_in_us_dollars_are_approximate_wherever_they_are_shown(tierbot: ServedBot):
    why = text_of(await tierbot.slack.command("bea", "/why", "sourced"))
    assert "€750 ≈ US$1,000 (€75 = US$100) × 6 [1]" in why
    for command, text in (("/why", "sourced"), ("/tier", "points"), ("/clients", "Be, Inc"), ("/gap", "")):
        assert "Amounts in EUR are approximate" in text_of(await tierbot.slack.command("bea", command, text))
    for command, text in (("/why", "sourced"), ("/tier", "points"), ("/clients", "Acme"), ("/gap", "")):
        assert "approximate" not in text_of(await tierbot.slack.command("ana", command, text))


async def test_a_cam_of_several_partners_can_convert_with_or_without_naming_one(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("carla", "/convert", "225 points"))
    assert text.startswith("225 points = US$7,500")
    assert "Which partner?" not in text
    assert "€5,625" in text_of(await tierbot.slack.command("carla", "/convert", "225 points Zweite GmbH"))
    growth = text_of(await tierbot.slack.command("carla", "/convert", "5000 EUR managed growth"))
    assert "€5,000 of MRR ≈ 133.33 managed points in growth markets" in growth
    assert "I can't find a partner called “PC”" in text_of(
        await tierbot.slack.command("carla", "/convert", "225 points PC")
    )
    assert "Press Link me" in text_of(await tierbot.slack.command("eve", "/convert", "225 points"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.000 €", "“5.000” could mean 5,000 or 5.00. Type 5000 or 5.00"),
        ("", "Convert what?"),
        ("500 BRL", "The BRL points table is not set on 5 Sep 2022"),
        ("-5 points", "above zero"),
    ],
)
async def test_an_impossible_conversion_says_what_to_do(tierbot: ServedBot, text: str, expected: str):
    assert expected in text_of(await tierbot.slack.command("ana", "/convert", text))
    assert tierbot.slack.journal.errors == []


async def test_choosing_a_partner_repeats_what_was_typed_without_defaults(tierbot: ServedBot):
    for word in ("changes", "expiring", "why"):
        assert f"or name it: /{word} <!channel>" in text_of(await tierbot.slack.command("carla", f"/{word}")), word
    dated = text_of(await tierbot.slack.command("carla", "/changes", "2022-06-15"))
    assert "or name it: /changes 2022-06-15 <!channel>" in dated


async def test_an_unknown_figure_lists_the_valid_ones(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/why", "nonsense"))
    assert "Figures: combined, sold, sourced, assisted, managed." in text


async def test_a_suggestion_never_takes_a_command_line_option_for_a_partner(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("ana", "/gap", "platnum --json"))
    assert "[ /gap platinum ]" in text


async def test_a_missed_managed_minimum_says_that_subscription_data_is_missing(tierbot: ServedBot, tmp_path: Path):
    before = text_of(await tierbot.slack.command("bea", "/tier"))
    assert "🔴 Managed minimum: not met" in before
    assert "no subscription data for" not in before
    import_rows(tierbot, tmp_path / "more", "agreements.csv", "A8,PB,C2,2021-01-01,", "A9,PB,C4,2021-01-01,2022-09-04")
    answer = await tierbot.slack.command("bea", "/tier")
    assert "no subscription data for 1 client with an agreement" in text_of(answer)
    assert "no subscription data for 1 client with an agreement" in answer.message.text
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", "C2,Marketing Hub,100,EUR,2022-05-05,")
    assert "no subscription data for" not in text_of(await tierbot.slack.command("bea", "/tier"))
