"""How commands are spelled in a workspace with all commands and in one with only the core."""

from handlers.command_names import CORE, CommandNames
from handlers.typed_command import QUESTIONS

ALL, SOME = CommandNames("all", QUESTIONS), CommandNames("core", QUESTIONS)


def test_nothing_changes_when_every_command_is_registered():
    body = {"text": "/clients lists them all."}
    assert ALL.spelled(body) is body
    assert ALL.text("/why sold") == "/why sold"


def test_commands_the_workspace_lacks_go_behind_tier():
    for word in QUESTIONS:
        assert SOME.text(f"Type /{word} x.") == (f"Type /{word} x." if word in CORE else f"Type /tier {word} x.")


def test_spelling_is_idempotent_and_leaves_urls_and_longer_words_alone():
    assert SOME.text(SOME.text("(/why sold), “/changes june”")) == "(/tier why sold), “/tier changes june”"
    for unchanged in ("https://example.com/why", "and/why", "/whyever", "/why-not", "/why/x"):
        assert SOME.text(unchanged) == unchanged


def test_only_texts_are_respelled_not_button_values_or_names_in_tables():
    button = {"type": "button", "value": '["why","/why",null]', "text": {"type": "plain_text", "text": "/why sold"}}
    cell = {"type": "raw_text", "text": "/why Ltd"}
    body = {"text": "/why", "blocks": [{"type": "actions", "elements": [button]}, {"rows": [[cell]]}]}
    spelled = SOME.spelled(body)
    assert spelled["text"] == "/tier why"
    assert spelled["blocks"][0]["elements"][0] == {
        **button,
        "text": {"type": "plain_text", "text": "/tier why sold"},
    }
    assert spelled["blocks"][1] == {"rows": [[cell]]}
    assert body["text"] == "/why"


def test_a_respelled_button_fits_in_75_characters_and_a_heading_in_150():
    button = {"type": "button", "value": "x", "text": {"type": "plain_text", "text": "/clients ".ljust(75, "x")}}
    head = {"type": "header", "text": {"type": "plain_text", "text": "/clients ".ljust(150, "x")}}
    assert len(SOME.spelled(button)["text"]["text"]) == 75
    assert len(SOME.spelled(head)["text"]["text"]) == 150
