"""What is typed at the demo's terminal for the fields of a window."""

from typing import Any

import pytest

from bot.playground.form_fields import typed_values
from bot.playground.local_slack.state.workspace import Channel, Directory, Person, Workspace
from handlers.views.sharing import choose_form

PEOPLE = (Person("U1", "ana.example.com", "Ana Arden", "ana@example.com"), Person("U2", "carla.example.com", "Carla"))
DIRECTORY = Directory(Workspace(people=PEOPLE, channels=(Channel("C1", "general"), Channel("C2", "partner-a"))))
SHARE = choose_form("[]")["blocks"]


def field(label: str, kind: str = "plain_text_input", action_id: str = "it") -> dict[str, Any]:
    return {"type": "input", "label": {"text": label}, "element": {"type": kind, "action_id": action_id}}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Or one person=Carla", {"share-person": "U2"}),
        ("or one person = @ana | comment = a=b", {"share-person": "U1", "share-comment": "a=b"}),
        ("share-person=ana@example.com", {"share-person": "U1"}),
        ("Channel=#partner-a | Comment=Look", {"share-channel": "C2", "share-comment": "Look"}),
        ("", {}),
    ],
)
def test_a_field_is_named_by_its_label_and_people_and_channels_by_their_names(text: str, values: dict[str, str]):
    assert typed_values(text, SHARE, DIRECTORY) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Look", "there is: Channel, Or one person, Comment"),
        ("Who=Ana", "no field called 'who'"),
        ("Or one person=Nobody", "nobody called 'Nobody'"),
        ("Channel=secret", "there is: #general, #partner-a"),
    ],
)
def test_an_unknown_name_is_refused_with_what_there_is(text: str, said: str):
    with pytest.raises(LookupError, match=said):
        typed_values(text, SHARE, DIRECTORY)


def test_words_without_a_name_are_for_the_only_field():
    assert typed_values("It is = fine | really", [field("Feedback", action_id="field")], DIRECTORY) == {
        "field": "It is = fine | really"
    }
    assert typed_values("384", [field("What does it show?", action_id="shown")], DIRECTORY) == {"shown": "384"}


def test_boxes_are_ticked_by_their_labels():
    assert typed_values("Topics=Digest, Alerts", [field("Topics", "checkboxes")], DIRECTORY) == {
        "it": ["Digest", "Alerts"]
    }


def test_mentions_are_written_with_names():
    text = "Shared by @U1 in #C2, not @U9 or a@example.com"
    assert DIRECTORY.with_names(text) == "Shared by @Ana Arden in #partner-a, not @U9 or a@example.com"
