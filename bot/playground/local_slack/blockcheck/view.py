"""Check a view: a modal or a Home tab."""

from bot.playground.local_slack.blockcheck.checks import anything, boolean, shape, string, wrong
from bot.playground.local_slack.blockcheck.message import problems
from bot.playground.local_slack.blockcheck.objects import plain

_COMMON = {"callback_id": string(255), "external_id": string(255), "private_metadata": string(3000, minimum=0)}
_HOME = shape({"blocks": anything}, _COMMON)
_MODAL = shape(
    {"title": plain(24), "blocks": anything},
    {
        **_COMMON,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)


def view_problems(view: object, root: str = "/view") -> list[str]:
    """The problems Slack would report, one sentence each with its JSON pointer; empty for a valid view."""
    if not isinstance(view, dict):
        return [wrong("must be an object", root)]
    if view.get("type") == "home":
        return [*_HOME(view, root), *problems(view.get("blocks"), "home", f"{root}/blocks")]
    if view.get("type") != "modal":
        return [wrong("must be one of: modal, home", f"{root}/type")]
    found = [*_MODAL(view, root), *problems(view.get("blocks"), "modal", f"{root}/blocks")]
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(each, dict) and each.get("type") == "input" for each in blocks
    )
    if has_input and not view.get("submit"):
        found.append(wrong("missing required field: submit", root))
    return found
