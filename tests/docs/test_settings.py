"""Every setting is documented with its actual default."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
SLACKS_OWN = (
    *("slack_bot_token", "slack_signing_secret", "slack_app_token"),
    *("slack_client_id", "slack_client_secret"),
)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str):
    documented = name.upper() if name in SLACKS_OWN else f"TIERBOT_{name.upper()}"
    assert f"`{documented}" in TEXT


def test_every_documented_setting_exists():
    documented = set(re.findall(r"`TIERBOT_([A-Z_]+)\b", TEXT)) - {"BROWSER"}
    assert {name.lower() for name in documented} <= set(Settings.model_fields)


def test_the_documented_defaults_are_the_actual_defaults():
    rows = re.findall(r"^\| `TIERBOT_([A-Z_]+)` \| `?([\w.:/]+)`? \|", TEXT, re.MULTILINE)
    assert len(rows) >= 12
    for name, shown in rows:
        default = Settings.model_fields[name.lower()].default
        assert shown == (f"{default:g}" if isinstance(default, float) else str(default)), name
