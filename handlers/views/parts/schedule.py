"""What a digest says about its schedule: the button that opens it, and how to stop it."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.choices import FORM


def schedule_button(stop: str) -> dict[str, Any]:
    """The button that opens the notifications modal."""
    return blocks.button("Change schedule" if stop else "Notifications", f"{FORM}:digest", "digest")


def subscription_notes(stop: str) -> list[str]:
    """A note that names the command to stop a subscription's digest; none for a digest that someone asked for."""
    return [f"Weekly digest: {stop} stops it"] if stop else []
