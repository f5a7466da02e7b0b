"""Composition objects: texts, options, confirmations, pictures (slack#blocks)."""

from re import compile as regex

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    boolean,
    every,
    items,
    one_of,
    rule,
    shape,
    string,
    typed,
)

ACTION_ID = string(255)
BLOCK_ID = string(255)
SELECT_OPTIONS = 100


def text(maximum: int, *, plain: bool = False) -> Check:
    """A text object of 1 to `maximum` characters; `plain` refuses mrkdwn."""
    kinds = {"plain_text": shape({"text": string(maximum)}, {"emoji": boolean})}
    if not plain:
        kinds["mrkdwn"] = shape({"text": string(maximum)}, {"verbatim": boolean})
    return typed(kinds)


def plain(maximum: int) -> Check:
    """A plain_text object of 1 to `maximum` characters."""
    return text(maximum, plain=True)


PLACEHOLDER = plain(150)
CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_FILE_ID = regex(r"F[A-Z0-9]{8,}")


SLACK_FILE = every(
    shape({}, {"id": string(), "url": string(3000)}),
    rule(lambda fields: ("id" in fields) != ("url" in fields), "must have exactly one of: id, url"),
    rule(lambda fields: "id" not in fields or _FILE_ID.fullmatch(fields["id"]), "invalid slack file"),
)
IMAGE_ELEMENT = every(
    shape({"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": SLACK_FILE}),
    rule(lambda fields: ("image_url" in fields) != ("slack_file" in fields), "must have one of: image_url, slack_file"),
)


def option(label: Check, *, url: bool = False) -> Check:
    """An option; `url` is for overflow menus."""
    more: dict[str, Check] = {"url": string(3000)} if url else {}
    return shape({"text": label, "value": string(150)}, {"description": plain(75), **more})


SELECT_OPTION = option(plain(75))
TICK_OPTION = option(text(75))
OPTION_GROUP = shape({"label": plain(75), "options": items(SELECT_OPTION, minimum=1, maximum=SELECT_OPTIONS)})
