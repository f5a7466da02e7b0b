"""Every surface as it was looked at and found good: the blocks kept in tests/golden, checked by slackblocks too.

After an intended change, `pytest tests/bot/playground/test_golden.py --golden` writes them again: read the
difference, and look at the pictures (`make pictures`).
"""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.playground.local_slack.blockcheck import problems
from bot.playground.screenshots import CREDIT_DAYS, EMPTY, SURFACES, SYNCED, surfaces
from tests.support.slackblocks_oracle import rebuilt

FOLDER = Path(__file__).parents[2] / "golden"
NAMES = [name for name, _, _ in (*SURFACES, *CREDIT_DAYS, *EMPTY, *SYNCED)]
RANDOM_ID = re.compile(r'"value": "(?:[\w-]{16}(?::[0-9a-f]{8})?|[0-9a-f]{32})"')  # a proposal's, a case's, a file's
MOST = {"message": 50, "ephemeral": 50, "modal": 100, "home": 100}
SUBSCRIPTION = re.compile(r'(?<=["|])[\w-]{12} (?=\d+ [0-9a-f]{16} [017]")')  # a subscription's id in a button's value
# The changelog's text changes with each release.
NOT_KEPT = {"whats-new"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    found = asyncio.run(surfaces(tmp_path_factory.mktemp("surfaces")))
    return {each["name"]: {**each, "blocks": [as_sent(block) for block in each["blocks"]]} for each in found}


def as_sent(block: dict[str, Any]) -> dict[str, Any]:
    """The block as the bot sent it, without random ids and those that Slack assigns to blocks and files."""
    if "slack_file" in block:
        block = {**block, "slack_file": {"id": "F0GIVENBYSLACK"}}
    block = json.loads(RANDOM_ID.sub('"value": "ID"', SUBSCRIPTION.sub("S ", json.dumps(block))))
    block_id = block.get("block_id", "")
    return {key: value for key, value in block.items() if key != "block_id" or not block_id[1:].isdigit()}


def bare(value: Any) -> Any:
    """The block without default values and without ids, which slackblocks generates."""
    if isinstance(value, dict):
        return {key: bare(held) for key, held in value.items() if held is not False and key != "block_id"}
    return [bare(each) for each in value] if isinstance(value, list) else value


def without_buttons(block: dict[str, Any]) -> dict[str, Any]:
    """A table with its buttons as the text that old clients show: slackblocks doesn't support them."""
    if block["type"] != "data_table":
        return block
    rows = [[cell["fallback"] if cell["type"] == "action_cell" else cell for cell in row] for row in block["rows"]]
    return {**block, "rows": rows}


def read_aloud(value: Any) -> Iterator[tuple[str, str]]:
    """The text of every button that has a label for screen readers, with the label."""
    if isinstance(value, dict):
        if label := value.get("accessibility_label"):
            yield value["text"]["text"], label
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from read_aloud(each)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_aloud_has_the_words_that_are_seen(name: str, shown: dict[str, dict[str, Any]]) -> None:
    """Whoever speaks to their computer says what they see."""
    for text, label in read_aloud(shown[name]["blocks"]):
        assert text.rstrip("…").casefold() in label.casefold(), label


@pytest.mark.parametrize("name", NAMES)
def test_surfaces_are_as_approved(name: str, shown: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if name in NOT_KEPT:
        return
    path = FOLDER / f"{name}.json"
    if request.config.getoption("golden"):
        lines = ",\n".join(json.dumps(block, ensure_ascii=False) for block in shown[name]["blocks"])
        path.write_text(f"[\n{lines}\n]\n")
    assert shown[name]["blocks"] == json.loads(path.read_text()), "if this is intended: pytest --golden"


@pytest.mark.parametrize("name", NAMES)
def test_slackblocks_builds_the_same_blocks_within_slacks_limits(name: str, shown: dict[str, Any]) -> None:
    surface = shown[name]
    for block in surface["blocks"]:
        plain = without_buttons(block)
        assert bare(rebuilt(plain)) == bare(plain)
    where = "message" if surface["surface"] not in ("modal", "home") else surface["surface"]
    assert problems(surface["blocks"], where) == []
    assert 1 <= len(surface["blocks"]) <= MOST[where]


@pytest.mark.parametrize("name", NAMES)
def test_buttons_with_the_same_label_have_an_accessibility_label(name: str, shown: dict[str, dict[str, Any]]) -> None:
    does: dict[str, set[str]] = {}
    for element in buttons(shown[name]["blocks"]):
        aloud = element.get("accessibility_label") or element["text"]["text"]
        does.setdefault(aloud, set()).add(element["value"])
    assert {aloud for aloud, values in does.items() if len(values) > 1} == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_has_at_most_five_controls_and_share_says_what_it_shares(
    name: str, shown: dict[str, dict[str, Any]]
) -> None:
    for block in shown[name]["blocks"]:
        assert len(block.get("elements", ())) <= 5 or block["type"] != "actions"
    shares = [each["value"] for each in buttons(shown[name]["blocks"]) if each["action_id"] == "form:share"]
    assert all(json.loads(each)[0] for each in shares)


def buttons(held: Any) -> Iterator[dict[str, Any]]:
    """Every button in the blocks, including those in tables."""
    if isinstance(held, dict) and held.get("type") == "button":
        yield held
    for each in held.values() if isinstance(held, dict) else held if isinstance(held, list) else ():
        yield from buttons(each)


def test_every_golden_file_has_a_surface() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(NAMES) - NOT_KEPT
