"""Every control of every answer leads on, wherever the answer is: in a message, in a window or on the Home tab."""

from bot.playground.local_slack.screen import Shown
from tests.support.controls import Control, buttons_of, close_above, controls_of, menu_of, use, window_of, windows_open
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import wait_until

SALE = "sell 7,500 sourced Marketing Hub to Acme 20 Sep"
ASKED = {
    "/tier": ("",),
    "/gap": ("", "platinum by 15 Jan 2023"),
    "/plan": ("platinum by 15 Jan 2023", "platinum by 15 Sep 2022 at most 10 MRR a month"),
    "/expiring": ("",),
    "/progress": ("",),
    "/pipeline": ("",),
    "/clients": ("", "Acme"),
    "/changes": ("",),
    "/recalibration": ("next", "last"),
    "/digest": ("", "progress", "expiry"),
    "/why": ("combined", "retention"),
    "/whatif": (SALE, "lose Acme"),
    "/convert": ("225 points",),
}
MISTAKES = ("went wrong", "couldn't open", "I don't understand", "I can't find", "out of date", "can't be used")
TABS = ("Tier performance", "Points breakdown", "Tier insights")


def require_answered(tierbot: ServedBot, control: Control, shown: Shown) -> None:
    """Fails where the control leads to a mistake, or Slack refused something."""
    said = text_of(shown)
    assert said, control
    assert not [each for each in MISTAKES if each in said], (control, said)
    assert tierbot.slack.journal.errors == [], control


def new_ones(shown: Shown, seen: set[tuple[str, str]]) -> list[Control]:
    """The controls that do what none before has done."""
    found = {each.asks: each for each in controls_of(shown) if each.asks not in seen}
    seen.update(found)
    return list(found.values())


async def home_of(tierbot: ServedBot, tab: str) -> Shown:
    """Ana's Home tab once it shows a tab that it didn't show before."""
    published = tierbot.slack.journal.calls("views.publish")
    home = tierbot.slack.home("ana")
    await (tierbot.slack.click("ana", home, tab) if home else tierbot.slack.open_home("ana"))
    await wait_until(lambda: len(tierbot.slack.journal.calls("views.publish")) > len(published), f"Home shows {tab}")
    found = tierbot.slack.home("ana")
    assert found
    return found


async def test_every_control_of_an_answer_in_a_message_leads_on(tierbot: ServedBot):
    seen: set[tuple[str, str]] = set()
    for word, texts in ASKED.items():
        for text in texts:
            message = (await tierbot.slack.command("ana", word, text)).message
            assert max(len(each["elements"]) for each in message.blocks if each["type"] == "actions") <= 5, (word, text)
            for control in new_ones(message, seen):
                require_answered(tierbot, control, await use(tierbot, "ana", message, *control))
                await close_above(tierbot, "ana", 0)
    assert len(seen) > 50
    assert {action for action, _ in seen} == {"ask", "do", "entry", "form", "more", "open"}


async def test_every_control_of_an_answer_in_a_window_leads_on(tierbot: ServedBot):
    """What opens on top of it is closed again; what takes its place leaves it clickable."""
    seen: set[tuple[str, str]] = set()
    digest = (await tierbot.slack.command("ana", "/digest")).message
    window = await use(tierbot, "ana", digest, "Requirements")
    questions = [each for each in controls_of(window) if each.asks[0] == "ask"]
    for question in questions:
        answer = await use(tierbot, "ana", window, *question)
        for control in new_ones(answer, seen):
            require_answered(tierbot, control, await use(tierbot, "ana", answer, *control))
            await close_above(tierbot, "ana", 1)
    assert len(seen) > 20
    assert {"ask", "form", "more", "open"} <= {action for action, _ in seen}


async def test_every_control_of_the_home_tab_leads_on(tierbot: ServedBot):
    seen: set[tuple[str, str]] = set()
    for tab in TABS:
        home = await home_of(tierbot, tab)
        for control in new_ones(home, seen):
            require_answered(tierbot, control, await use(tierbot, "ana", home, *control))
            await close_above(tierbot, "ana", 0)
    assert len(seen) > 25
    assert {"ask", "form", "home", "more", "open"} <= {action for action, _ in seen}


async def test_an_overflow_menu_does_what_its_buttons_would_in_a_message_a_window_and_home(tierbot: ServedBot):
    standing = (await tierbot.slack.command("ana", "/tier")).message
    home = (await tierbot.slack.open_home("ana")).view
    digest = (await tierbot.slack.command("ana", "/digest")).message
    window = await use(tierbot, "ana", digest, "Requirements")
    for where, shown in (("modal", window), ("message", standing), ("home", home)):
        assert {"Awards", "Dollar dashboard", "Doesn't match?"} <= set(menu_of(shown)), where
        awards = await use(tierbot, "ana", shown, "Awards")
        assert (awards.where, text_of(awards)[:17]) == ("modal", "Partner A: awards"), where
        await close_above(tierbot, "ana", int(where == "modal"))
        dollars = await use(tierbot, "ana", shown, "Dollar dashboard")
        assert dollars.where == where
        assert "Points dashboard" in [*menu_of(dollars), *buttons_of(dollars)], where
    assert tierbot.slack.journal.errors == []


async def test_more_questions_take_the_place_of_an_answer_and_open_above_home(tierbot: ServedBot):
    standing = (await tierbot.slack.command("ana", "/tier")).message
    changes = (await tierbot.slack.click("ana", standing, "Changes")).message
    assert changes.replaced
    assert "no points changed in 30 days" in text_of(changes)
    digest = (await tierbot.slack.command("ana", "/digest")).message
    window = await use(tierbot, "ana", digest, "Requirements")
    await tierbot.slack.click("ana", window, "Changes")
    await window_of(tierbot, "ana", "no points changed in 30 days")
    assert windows_open(tierbot, "ana") == 1
    home = await home_of(tierbot, TABS[0])
    assert [each for each in controls_of(home) if each.element["action_id"] == "ask:questions"] == []
    assert (await use(tierbot, "ana", home, "Expiring")).where == "modal"


async def test_a_fourth_window_takes_the_place_of_the_third(tierbot: ServedBot):
    """Slack stacks three; the one below is still there when it is closed."""
    answer = (await tierbot.slack.command("ana", "/whatif", SALE)).message
    for depth in (1, 2, 3, 3):
        form = await use(tierbot, "ana", answer, "Change it")
        assert windows_open(tierbot, "ana") == depth
        assert "What happens" in text_of(form)
        await tierbot.slack.submit_view("ana", form, {"mrr_0": f"8,00{depth}"})
        answer = await window_of(tierbot, "ana", f"Sell US$8,00{depth} of Marketing Hub")
    share = await use(tierbot, "ana", answer, "Share")
    assert windows_open(tierbot, "ana") == 3
    assert "Choose a channel" in text_of(share)
    await close_above(tierbot, "ana", 2)
    assert "Sell US$8,002 of Marketing Hub" in text_of(await window_of(tierbot, "ana"))
