"""/portfolio at the front door: what CAMs and admins see, who may see what, and the file with all rows."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.playground.local_slack.signing import FORM
from bot.wiring import open_conversation
from handlers.typed_command import TypedCommand
from tests.support.alerts import import_rows
from tests.support.served_bot import TODAY, ServedBot, table_in, text_of
from tests.support.waiting import TIMEOUT
from tiercore.access import SlackUser

FOREIGN = ("Geheim", "Verborgen", "PC")


def import_many(tierbot: ServedBot, folder: Path, number: int, cam: str = "") -> None:
    """More partners, which the admin may see, and the CAM of this e-mail."""
    names = ("Nord", "Ost", "West", "Amber", "Birch")
    rows = [f"M{each:04},Many {names[each % 5]} {each:04},US,USD,2020-01-01" for each in range(number)]
    import_rows(tierbot, folder, "partners.csv", *rows)
    if cam:
        import_rows(
            tierbot, folder / "people", "people.csv", *(f"{cam},Carla,cam,M{each:04}" for each in range(number))
        )


async def asked(tierbot: ServedBot, person: str, text: str = "") -> str:
    return text_of(await tierbot.slack.command(person, "/portfolio", text))


async def test_a_cam_sees_their_partners_with_the_verdict_first_and_a_button_into_each(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/portfolio")
    title = answer.message.blocks[0]["text"]["text"]
    assert title == "🟢 3 partners: none at risk"
    assert [row[0] for row in table_in(answer)[1:]] != []
    assert sorted(row[0] for row in table_in(answer)[1:])[-2:] == ["Partner A", "Zweite GmbH"]
    said = text_of(answer)
    assert not any(each in said for each in FOREIGN)
    await tierbot.slack.click("carla", answer.message, "Open", row="Partner A")
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "420" in text_of(screen.stream[-1]), TIMEOUT)


async def test_an_admin_sees_all_partners(tierbot: ServedBot):
    assert "1 of 4 partners can't be judged" in await asked(tierbot, "admin")


async def test_a_partner_is_told_what_to_use_instead(tierbot: ServedBot):
    said = await asked(tierbot, "ana", "at risk")
    assert "yours is Partner A" in said
    assert "/tier" in said
    assert "don't know who you are" in await asked(tierbot, "eve")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at risk", "At risk"),
        ("who is at risk?", "At risk"),
        ("close by points", "Close to the next tier"),
        ("red in 30 days", "Red in 30 days"),
        ("expiring", "Points expiring in 30 days"),
        ("movers by days", "Moved in a week"),
        ("tier gold", "All partners"),
        ("cam carla", "All partners"),
        ("gold cam carla at risk by points", "At risk"),
    ],
)
async def test_each_filter_says_what_it_shows(tierbot: ServedBot, text: str, shown: str):
    assert f"{shown}: " in await asked(tierbot, "carla", text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("close", "None of 3 partners is close to the next tier"),
        ("red in 30 days", "None of 3 partners turns red within 30 days"),
        ("expiring", "1 of 3 partners has points that expire within 30 days: Partner A"),
        ("movers", "None of 3 partners gained or lost points within a week"),
    ],
)
async def test_the_first_line_answers_the_list_that_was_asked_for(tierbot: ServedBot, text: str, first: str):
    answer = await tierbot.slack.command("carla", "/portfolio", text)
    assert answer.message.blocks[0]["text"]["text"] == first


async def test_a_cams_long_name_leaves_the_list_without_the_menus_that_cant_carry_it(
    tierbot: ServedBot, tmp_path: Path
):
    name = "Ada " + "Lovelace " * 18
    import_rows(
        tierbot, tmp_path / "people", "people.csv", f"ada@example.com,{name},cam,PA", "admin@example.com,Adam,admin,"
    )
    answer = await tierbot.slack.command("admin", "/portfolio", f'cam "{name}"')
    assert "1 to 1 of 1" in text_of(answer)
    assert "CSV" in text_of(answer)


async def test_a_partners_name_is_never_answered_with_all_partners(tierbot: ServedBot):
    assert "type /tier and its name" in await asked(tierbot, "carla", "Partner A")


async def test_the_whole_list_says_of_each_partner_what_the_page_says(tierbot: ServedBot):
    async with open_conversation(tierbot.core) as (conversation, _):
        carla, command = SlackUser("T01LOCAL", "U0CARLA"), TypedCommand("portfolio", "")
        page = (await conversation.message(command, carla, TODAY)).message
        whole = await conversation.answer(command, carla, TODAY)
    assert table_rows(whole.message.blocks) == table_rows(page.blocks)


def table_rows(blocks: list[dict[str, Any]]) -> list[list[str]]:
    [table] = [each for each in blocks if each["type"] == "data_table"]
    return [[cell.get("text", "") for cell in row] for row in table["rows"]]


@pytest.mark.parametrize(
    ("word", "text", "pages", "last"),
    [
        ("/portfolio", "page 7", "3 pages", "page 3"),
        ("/portfolio", "expiring by points page 2", "one page", "expiring by points page 1"),
        ("/portfolio", "page 123456", "3 pages", "page 3"),
        ("/digest", "portfolio quiet page 9", "2 pages", "portfolio quiet page 2"),
        ("/clients", "by name page 2 for Partner A", "one page", "by name page 1"),
        ("/why", "sold page 4 Partner A", "one page", "sold page 1"),
    ],
)
async def test_a_page_beyond_the_end_says_how_many_there_are_and_offers_the_last(
    tierbot: ServedBot, tmp_path: Path, word: str, text: str, pages: str, last: str
):
    import_many(tierbot, tmp_path, 45)
    answer = await tierbot.slack.command("admin", word, text)
    assert f"this list has {pages}." in text_of(answer)
    assert f"There's no page {int(text.partition('page ')[2].split()[0]):,}" in text_of(answer)
    [button] = [each for block in answer.message.blocks if block["type"] == "actions" for each in block["elements"]]
    label = f"Page {last.rpartition(' ')[2]}"
    assert button["text"]["text"] == label
    assert last in json.loads(button["value"])
    await tierbot.slack.click("admin", answer.message, label)
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "As of 5 Sep 2022" in text_of(screen.stream[-1]), TIMEOUT)


async def test_of_several_partners_only_the_unknown_one_is_named(tierbot: ServedBot):
    for text in ("compare PA PX PB", 'compare "PA" PX PB', "compare PA, PX PB"):
        assert "“PX”" in await asked(tierbot, "carla", text), text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("at rsk", "at risk"),
        ("expirng by points", "expiring by points"),
        ("tier gld", "Tier gold"),
        ("cam carlo", "CAM Carla"),
        ("cam", "CAM Carla"),
        ("none", "tier none"),
        ("at risk none", "at risk tier none"),
        ("wat by points", "by points"),
        ("Partner A", "/tier Partner A"),
        ("zweite gmbh", "/tier Zweite GmbH"),
    ],
)
async def test_mistyped_words_have_a_button_for_what_was_meant(tierbot: ServedBot, text: str, meant: str):
    answer = await tierbot.slack.command("carla", "/portfolio", text)
    buttons = [each for block in answer.message.blocks if block["type"] == "actions" for each in block["elements"]]
    assert [each["text"]["text"].removeprefix("/portfolio ") for each in buttons] == [meant]
    await tierbot.slack.click("carla", answer.message, buttons[0])
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "As of 5 Sep 2022" in text_of(screen.stream[-1]), TIMEOUT)


def import_people(tierbot: ServedBot, folder: Path, *of_cc: str) -> None:
    """Carla as the CAM of three partners, and Connie as the CC of these."""
    carla = [f"carla@example.com,Carla,cam,{each}" for each in ("PA", "PB", "PD")]
    connie = [f"connie@example.com,Connie Consult,cc,{each}" for each in of_cc]
    import_rows(tierbot, folder / "people", "people.csv", *carla, *connie)


@pytest.mark.parametrize("text", ["cam connie", "connie", "Connie Consult at risk"])
async def test_a_cc_is_said_to_be_one_and_the_cams_are_offered(tierbot: ServedBot, tmp_path: Path, text: str):
    import_people(tierbot, tmp_path, "PA", "PB")
    answer = await tierbot.slack.command("carla", "/portfolio", text)
    assert "Connie Consult is a CC, of 2 partners, and lists are by CAM. CAMs: Carla." in text_of(answer)
    await tierbot.slack.click("carla", answer.message, "CAM Carla")
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "3 partners of Carla" in text_of(screen.stream[-1]), TIMEOUT)


async def test_another_cams_cc_is_nobody(tierbot: ServedBot, tmp_path: Path):
    import_people(tierbot, tmp_path, "PC")
    assert "has a CAM called “connie”" in await asked(tierbot, "carla", "cam connie")


async def test_tier_alone_asks_which_one(tierbot: ServedBot):
    assert "Which tier? Tiers: " in await asked(tierbot, "carla", "tier")


async def test_partners_are_compared_side_by_side_by_any_spelling_of_their_names(tierbot: ServedBot):
    for text in (
        "compare Partner A Zweite GmbH",
        "compare PA, zweite",
        'compare "Partner A" and "PB"',
        "compare pa vs pb",
    ):
        answer = await tierbot.slack.command("carla", "/portfolio", text)
        assert table_in(answer)[0][1:] == ["Partner A", "Zweite GmbH"], text
    assert "420" in text_of(answer)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("compare PA", "That's one partner, Partner A"),
        ("compare PA PA", "That's one partner, Partner A"),
        ("compare PX", "I can't find “PX”"),
        ("compare PX, PY", "I can't find “PX” and “PY”"),
        ('compare PA, PX, "P Y"', "I can't find “PX” and “P Y”"),
        ("compare", "Name 2 to 4"),
    ],
)
async def test_a_comparison_with_one_partner_or_with_unknown_ones_names_them(tierbot: ServedBot, text: str, said: str):
    assert said in await asked(tierbot, "carla", text)


@pytest.mark.parametrize("text", ["carla", "at risk carla", "carla by points", "cam carla", "Carla", "for carla"])
async def test_a_cams_name_alone_is_enough_and_is_shown_as_it_is_written(tierbot: ServedBot, text: str):
    answer = await tierbot.slack.command("carla", "/portfolio", text)
    assert "3 partners of Carla" in answer.message.blocks[0]["text"]["text"]


async def test_a_list_of_a_cam_alone_is_shown_as_such_again_by_its_menus(tierbot: ServedBot):
    answer = await tierbot.slack.command("admin", "/portfolio", "carla")
    [menu] = [
        each
        for block in answer.message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
        if each.get("placeholder", {}).get("text") == "Sort"
    ]
    shown = (await tierbot.slack.click("admin", answer.message, menu, menu["options"][1])).shown[-1]
    assert "3 partners of Carla" in text_of(shown)


async def test_who_comes_first_in_words_is_the_first_of_the_table(tierbot: ServedBot, tmp_path: Path):
    tiers = ("PA,gold,2021-01-01", "PB,platinum,2021-01-01", "PC,diamond,2021-01-01")
    import_rows(tierbot, tmp_path / "tiers", "tiers.csv", *tiers)
    until = {"PB": "2022-09-06", "PC": "2022-09-08"}  # the second has more points to lose a day
    ends = [f"{partner_id},Solutions Partner Certification,2021-01-01,{day}" for partner_id, day in until.items()]
    import_rows(tierbot, tmp_path / "certifications", "certifications.csv", *ends)
    first = {
        "": "Geheim & Söhne",
        "at risk": "Geheim & Söhne",
        "at risk by days": "Zweite GmbH",
        "by days": "Zweite GmbH",
    }
    for text, partner in first.items():
        answer = await tierbot.slack.command("admin", "/portfolio", text)
        assert table_in(answer)[1][0] == partner, text
        assert f"{partner} first" in answer.message.blocks[0]["text"]["text"], text
    by_points = await tierbot.slack.command("admin", "/portfolio", "at risk by points")
    assert "most urgent: " in by_points.message.blocks[0]["text"]["text"]


async def test_each_row_says_what_to_do_in_the_list_the_file_and_the_json(tierbot: ServedBot, tmp_path: Path):
    import_rows(tierbot, tmp_path / "tiers", "tiers.csv", "PB,platinum,2021-01-01")
    ends = "PB,Solutions Partner Certification,2021-01-01,2022-09-06"
    import_rows(tierbot, tmp_path / "certifications", "certifications.csv", ends)
    answer = await tierbot.slack.command("carla", "/portfolio")
    head, *rows = table_in(answer)
    said = {row[0]: row[head.index("What to do")] for row in rows}
    assert said["Zweite GmbH"].startswith("Renew the certification by 6 Sep 2022, ")
    async with open_conversation(tierbot.core) as (conversation, _):
        asked_for = TypedCommand("portfolio", "")
        record = (await conversation.answer(asked_for, SlackUser("T01LOCAL", "U0CARLA"), TODAY)).record
    assert {each["name"]: each["to_do"] or "–" for each in record["partners"]} == said
    await tierbot.slack.click("carla", answer.message, "CSV")
    assert await tierbot.slack.state.screen.until(lambda: bool(tierbot.slack.files), TIMEOUT)
    text = next(iter(tierbot.slack.files)).data.decode("utf-8-sig")
    assert {row["partner"]: row["what_to_do"] or "–" for row in csv.DictReader(io.StringIO(text))} == said


async def test_too_many_partners_to_compare_are_counted_and_similar_names_offered(tierbot: ServedBot, tmp_path: Path):
    import_many(tierbot, tmp_path / "many", 12)
    said = await asked(tierbot, "admin", "compare M0001 M0002 M0003 M0004 Many Nord 0005")
    assert "That's 5 partners, too many side by side" in said
    assert "Several partners have names with “Amber”" in await asked(tierbot, "admin", "compare Amber PA")


async def test_nothing_is_said_of_the_others_where_there_are_none(tierbot: ServedBot):
    answer = await tierbot.slack.command("admin", "/portfolio", "unjudged")
    assert answer.message.blocks[0]["text"]["text"] == "⚪ 1 of 4 partners can't be judged"
    [name] = [row[0] for row in table_in(answer)[1:]]
    compared = await tierbot.slack.command("admin", "/portfolio", f'compare "{name}" PA')
    [what] = [row for row in table_in(compared) if row[0] == "What to do"]
    assert what[1 + table_in(compared)[0][1:].index(name)] == "Can't tell"


async def test_help_on_a_command_is_found_before_and_behind_its_name(tierbot: ServedBot):
    for command, text in (("/portfolio", "help"), ("/tier", "help portfolio"), ("/tier", "portfolio help")):
        said = text_of(await tierbot.slack.command("carla", command, text))
        assert "/portfolio unjudged" in said
    async with open_conversation(tierbot.core) as (conversation, _):
        carla = SlackUser("T01LOCAL", "U0CARLA")
        one = await conversation.message(TypedCommand("help", "portfolio"), carla, TODAY)
        assert "/portfolio unjudged" in text_of(one.message)
        every = await conversation.message(TypedCommand("help", ""), carla, TODAY)
        assert "What you can ask" in text_of(every.message)


@pytest.mark.parametrize(
    "text", ["compare", "compare PA", "compare PA Geheim", 'compare PA "PC"', "compare a b c d e f"]
)
async def test_what_cant_be_compared_is_refused_alike_whether_it_exists_or_not(tierbot: ServedBot, text: str):
    said = await asked(tierbot, "carla", text)
    assert "Söhne" not in said
    assert "you can see" in said or "Name 2 to 4" in said


async def test_the_portfolio_of_a_channel_about_a_partner_is_still_about_all_of_them(tierbot: ServedBot):
    """Sharing asks which partners a message is about: here all of them, not the channel's."""
    await tierbot.slack.command("carla", "/tier", "here Partner A", channel="C01SALES")
    carla = SlackUser("T01LOCAL", "U0CARLA", "C01SALES")
    async with open_conversation(tierbot.core) as (conversation, _):
        for word, text in (("portfolio", ""), ("portfolio", "compare PA PB"), ("digest", "portfolio quiet")):
            shown = await conversation.message(TypedCommand(word, text), carla, TODAY)
            assert shown.partner_id is None, (word, text)


async def test_pages_lead_through_all_partners_and_home_keeps_the_page(tierbot: ServedBot, tmp_path: Path):
    import_many(tierbot, tmp_path / "many", 45)
    first = (await tierbot.slack.command("admin", "/portfolio")).message
    second = (await tierbot.slack.click("admin", first, "Next ›")).shown[-1]
    third = (await tierbot.slack.click("admin", second, "Next ›")).shown[-1]
    seen = [row[0] for each in (first, second, third) for row in table_in(each)[1:]]
    assert len(seen) == len(set(seen)) == 49
    home = (await tierbot.slack.open_home("admin")).view
    assert "1 to 20 of 49" in text_of(home)
    await tierbot.slack.click("admin", home, "Next ›")
    screen = tierbot.slack.state.screen  # it may show the first page once more, because the data has changed
    assert await screen.until(lambda: "21 to 40 of 49" in text_of(screen.stream[-1]), TIMEOUT)


async def test_all_rows_come_as_a_file_in_a_direct_message_to_who_pressed_the_button(
    tierbot: ServedBot, tmp_path: Path
):
    import_rows(
        tierbot, tmp_path / "odd", "partners.csv", "PE,=HYPERLINK(1),US,USD,2020-01-01", "PF,＝1+1,US,USD,2020-01-01"
    )
    answer = (await tierbot.slack.command("admin", "/portfolio")).message
    await tierbot.slack.click("admin", answer, "CSV")
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "I've sent you portfolio-2022-09-05.csv" in text_of(screen.stream[-1]), TIMEOUT)
    assert screen.stream[-1].ts != answer.ts, "the list stays where it was"
    [sent] = tierbot.slack.files
    assert [each.files for each in screen.stream if each.files] == [(sent.file_id,)]
    assert sent.name == "portfolio-2022-09-05.csv"
    text = sent.data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["partner_id"] for row in rows} == {"PA", "PB", "PC", "PD", "PE", "PF"}
    assert {row["partner"] for row in rows if row["partner_id"] in ("PE", "PF")} == {"'=HYPERLINK(1)", "'＝1+1"}


@pytest.mark.parametrize("value", ["all", "cam Ada", "", 'compare "PC" "PA"', "x" * 1_000, "at risk PC"])
async def test_a_forged_file_button_sends_only_what_its_presser_may_see(tierbot: ServedBot, value: str):
    action = {"type": "button", "action_id": "do:csv", "block_id": "b", "value": value}
    body = {
        "type": "block_actions",
        "team": {"id": "T01LOCAL"},
        "user": {"id": "U0CARLA", "team_id": "T01LOCAL"},
        "container": {"type": "message", "is_ephemeral": True},
        "response_url": f"{tierbot.slack.response_prefix}x",
        "actions": [action],
    }
    sent = urlencode({"payload": json.dumps(body)}).encode()
    assert (await tierbot.slack.post(sent, tierbot.slack.signed(sent, FORM))).status == 200
    await tierbot.bot.stop()  # which lets what was begun come to its end
    for each in tierbot.slack.files:
        assert (b"PA" in each.data) or value == "cam Ada"
        assert b"PC" not in each.data
        assert "Söhne".encode() not in each.data


@pytest.mark.parametrize(("person", "sees_all"), [("carla", False), ("admin", True)])
async def test_which_of_many_partners_is_searched_for_within_ones_own_reach(
    tierbot: ServedBot, tmp_path: Path, person: str, sees_all: bool
):
    import_many(tierbot, tmp_path / "many", 120, "" if sees_all else "carla@example.com")
    answer = (await tierbot.slack.command(person, "/gap", "platinum")).message
    [menu] = [each for block in answer.blocks if block["type"] == "actions" for each in block["elements"]]
    assert menu["type"] == "external_select"
    everybody = await tierbot.slack.options(person, answer, menu["action_id"], "")
    assert len(everybody.options) == 100
    found = await tierbot.slack.options(person, answer, menu["action_id"], "amber 0003")
    assert [each["text"]["text"] for each in found.options] == ["Many Amber 0003"]
    assert bool((await tierbot.slack.options(person, answer, menu["action_id"], "geheim")).options) is sees_all
    chosen = (await tierbot.slack.click(person, answer, menu, found.options[0])).shown[-1]
    assert "Many Amber 0003" in text_of(chosen)


async def test_home_is_opened_on_a_partner_that_was_searched_for(tierbot: ServedBot, tmp_path: Path):
    import_many(tierbot, tmp_path / "many", 120)
    home = (await tierbot.slack.open_home("admin")).view
    menu = next(
        each
        for block in home.blocks
        if block["type"] == "actions"
        for each in block["elements"]
        if each["action_id"].startswith("home:find:")
    )
    found = await tierbot.slack.options("admin", home, menu["action_id"], "Partner A")
    await tierbot.slack.click("admin", home, menu, found.options[0])
    stream = tierbot.slack.state.screen.stream  # the import has Home published again, too, before or after the click

    def last() -> str:
        return text_of([each for each in stream if each.where == "home" and each.user == "U0ADMIN"][-1])

    assert await tierbot.slack.state.screen.until(lambda: "420" in last(), TIMEOUT)
    assert "[ All partners ]" in last()
