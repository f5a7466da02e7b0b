"""`/whatif` at the front door: the answer, the window, who may ask about what, and that nothing is stored."""

from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from bot.terminal.render import render
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT
from tiercore.storage.engine import reading


def view_text(view: Any) -> str:
    """A window as one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


def everything_in(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table that isn't about requests, in no particular order."""
    names = sorted(set(inspect(engine).get_table_names()) - {"answered_request"})
    with reading(engine) as connection:
        return {each: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{each}"')))) for each in names}


async def said(tierbot: ServedBot, who: str, words: str) -> str:
    return text_of(await tierbot.slack.command(who, "/whatif", words))


async def test_a_sale_is_shown_without_and_with_it_and_nothing_is_stored(tierbot: ServedBot):
    before = everything_in(tierbot.core.engine)
    answer = await said(tierbot, "ana", "sell 7,500 sourced Marketing Hub to Acme 20 Sep")
    assert "🟠 Partner A: Platinum would be reached on 20 Sep 2022, but not be credited on 15 Oct 2022" in answer
    assert "combined points 105 short" in answer
    assert "Sell US$7,500 of Marketing Hub MRR, sourced, to Acme on 20 Sep 2022: +225 sourced, +75 managed" in answer
    assert "assumed: upsell" in answer
    assert "Combined points 420 720 +300" in answer
    assert "Nothing is stored" in answer
    assert everything_in(tierbot.core.engine) == before


async def test_a_tier_that_would_be_credited_is_said_with_its_day_and_its_margin(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "sell 12,000 sourced Marketing Hub to Acme 20 Sep")
    assert "🎉 Partner A: Platinum would be credited on 15 Oct 2022, in 40 days: 75 points above" in answer


async def test_what_is_left_out_is_assumed_and_said(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "sell 7,500")
    assert "assumed: a new client in your country (US), Marketing Hub, sourced, net-new, today" in answer


async def test_losing_the_only_client_leaves_a_tier_that_the_numbers_no_longer_reach(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "lose Acme")
    assert "🟠 Partner A: Gold kept on 15 Jan 2023, but its numbers are too low today" in answer
    assert "Lose Acme on 5 Sep 2022: −90 sourced, −180 assisted, −150 managed points" in answer


async def test_an_agreement_that_is_extended_is_compared_on_the_day_on_which_it_would_end(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "extend agreement Acme until 2023-12-31")
    assert "1 Nov 2022 Without With" in answer
    assert "+150 managed points" in answer


@pytest.mark.parametrize("words", ["lose Verborgen", "lose C3", "end agreement Verborgen"])
async def test_a_client_of_another_partner_is_as_one_that_does_not_exist(tierbot: ServedBot, words: str):
    unknown = await said(tierbot, "ana", words.replace("Verborgen", "Nobody").replace("C3", "Nobody"))
    assert (await said(tierbot, "ana", words)).replace("Verborgen", "Nobody").replace("C3", "Nobody") == unknown
    assert "This partner has no client called “Nobody”" in unknown


@pytest.mark.parametrize(
    "words", ["sell 500 Newco", "sell 500 to Newco please", "sell 500 sourced to a new client Newco"]
)
async def test_a_sale_to_a_name_like_no_client_is_one_to_a_new_client_of_that_name(tierbot: ServedBot, words: str):
    answer = await said(tierbot, "ana", words)
    assert "MRR, sourced, to Newco on 5 Sep 2022" in answer
    assert "assumed: a new client in your country (US)" in answer


async def test_a_sale_to_another_partners_client_is_as_one_to_a_name_that_nobody_has(tierbot: ServedBot):
    unknown = await said(tierbot, "ana", "sell 500 Nobody")
    assert (await said(tierbot, "ana", "sell 500 Verborgen")).replace("Verborgen", "Nobody") == unknown
    assert "to Nobody on 5 Sep 2022" in unknown


async def test_a_name_near_a_clients_is_asked_about_and_a_new_client_is_offered(tierbot: ServedBot):
    slack = tierbot.slack
    answer = await slack.command("ana", "/whatif", "sell 500 to Acmee")
    assert "This partner has no client called “Acmee”. Did you mean one of these?" in text_of(answer)
    clicked = await slack.click("ana", answer.message, "Acme")
    assert "to Acme on 5 Sep 2022" in render(clicked.shown[-1].blocks, colour=False, width=400)


@pytest.mark.parametrize("words", ["lose Acmee", "downgrade Acmee Marketing Hub to 800", "end agreement Acmee"])
async def test_what_happens_to_a_client_with_a_mistyped_name_is_asked_with_a_button(tierbot: ServedBot, words: str):
    answer = await said(tierbot, "ana", words)
    assert "Did you mean this one?" in answer
    assert "[ Acme ]" in answer
    assert "A new client" not in answer


async def test_two_sales_to_one_new_client_are_to_the_same_client(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "sell 500 Marketing Hub to Newco; sell 500 Sales Hub to Newco")
    assert answer.count("to Newco on 5 Sep 2022: +15 sourced points") == 2


async def test_a_cam_of_several_partners_is_asked_whose_new_client_it_is(tierbot: ServedBot):
    assert "Which partner" in await said(tierbot, "carla", "sell 500 Newco")
    assert "Partner A: " in await said(tierbot, "carla", "sell 500 Newco for Partner A")


async def test_a_cam_of_several_partners_names_one_or_a_client_that_only_one_has(tierbot: ServedBot):
    assert "Partner A: " in await said(tierbot, "carla", "lose Acme for Partner A")
    assert "Zweite GmbH: " in await said(tierbot, "carla", 'lose "Be, Inc"')
    assert "Which partner" in await said(tierbot, "carla", "sell 500")


async def test_a_stranger_is_told_nothing(tierbot: ServedBot):
    answer = await said(tierbot, "eve", "lose Acme")
    assert "Acme" not in answer.replace("lose Acme", "")
    assert "Gold" not in answer


async def test_a_sale_without_subscription_data_names_the_range_of_what_is_not_known(tierbot: ServedBot):
    answer = await said(tierbot, "carla", "downgrade Be Marketing Hub to 100 EUR for Zweite GmbH")
    assert "Be, Inc's Marketing Hub has no subscription data" in answer
    assert "sold points may be lost; none is counted" in answer


async def test_a_sale_in_another_currency_than_its_line_names_what_is_not_known_and_its_range(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "sell 7,500 EUR Marketing Hub to Acme")
    assert "Acme's Marketing Hub pays in another currency" in answer
    assert "the sale brings 0 to 100 managed points more; none is counted" in answer
    assert "of its sold points expire isn't known with the sale" in answer
    assert "at least" in answer.partition("Expiring in 90 days")[2]


async def test_a_downgrade_of_a_client_with_several_lines_asks_which_with_a_button_for_each(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/whatif", "downgrade Acme to 800")
    assert "Say which product line of Acme pays less: Marketing Hub, Sales Hub." in text_of(answer)
    clicked = await tierbot.slack.click("ana", answer.message, "Sales Hub")
    assert "Change Acme's Sales Hub to US$800" in render(clicked.shown[-1].blocks, colour=False, width=400)


async def test_an_upgrade_is_a_sale_of_what_the_line_pays_more(tierbot: ServedBot):
    answer = await said(tierbot, "ana", "upgrade Acme Sales Hub to 3,500")
    assert "Sell US$500 of Sales Hub MRR, sourced, to Acme on 5 Sep 2022: +15 sourced, +5 managed" in answer
    assert "pays 3000.00 USD for Sales Hub already" in await said(tierbot, "ana", "upgrade Acme Sales Hub to 3,000")


async def test_what_cannot_happen_is_said(tierbot: ServedBot):
    assert "No agreement with Be, Inc is in force" in await said(tierbot, "carla", "end agreement Be for Zweite GmbH")
    assert "Say which client" in await said(tierbot, "ana", "lose Marketing Hub")
    assert "Say which product line of Acme pays less" in await said(tierbot, "ana", "downgrade Acme to 800")


async def test_the_window_is_filled_with_the_steps_takes_another_and_answers_in_place(tierbot: ServedBot):
    slack, stream = tierbot.slack, tierbot.slack.state.screen.stream
    answer = await slack.command("ana", "/whatif", "sell 8,000 assisted Acme 20 Sep")
    await slack.click("ana", answer.message, "Change it")
    assert await slack.state.screen.until(lambda: "What happens" in view_text(stream[-1]), TIMEOUT)
    await slack.click("ana", stream[-1], "Add another step")
    assert await slack.state.screen.until(lambda: "What happens 2" in view_text(stream[-1]), TIMEOUT)
    window = stream[-1]
    wrong = await slack.submit_view("ana", window, {"kind_1": "lose"})
    assert wrong.shown[-1].errors == {"client_1": "Type the client's name."}
    await slack.submit_view("ana", window, {"kind_1": "lose", "client_1": "Acme"})
    assert await slack.state.screen.until(lambda: "Nothing is stored ·" in view_text(stream[-1]), TIMEOUT)
    assert "Sell US$8,000 of Marketing Hub MRR, assisted, to Acme on 20 Sep 2022" in view_text(stream[-1])
    assert "Lose Acme on 5 Sep 2022" in view_text(stream[-1])
    assert slack.journal.errors == []


async def test_steps_that_are_too_long_together_stay_in_the_window(tierbot: ServedBot):
    slack, stream = tierbot.slack, tierbot.slack.state.screen.stream
    answer = await slack.command("ana", "/whatif", "sell 8,000 assisted Acme 20 Sep and lose Acme")
    await slack.click("ana", answer.message, "Change it")
    assert await slack.state.screen.until(lambda: "What happens 2" in view_text(stream[-1]), TIMEOUT)
    texts = {"kind": "sell", "client": "x" * 100, "line": "y" * 100, "mrr": "7500 USD", "deal": "cross_sell"}
    fields = {f"{name}_{at}": text for name, text in texts.items() for at in (0, 1)}
    days = {"day_0": "2022-09-20", "day_1": "2022-09-21", "motion_1": "assisted"}
    refused = await slack.submit_view("ana", stream[-1], {**fields, **days})
    assert "Together the steps are too long" in refused.shown[-1].errors["kind_1"]
