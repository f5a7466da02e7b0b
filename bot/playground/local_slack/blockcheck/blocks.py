"""Every block type, its fields, and the surfaces that take it (slack#blocks)."""

from typing import Literal

from bot.playground.local_slack.blockcheck.charts import DATA_VISUALIZATION
from bot.playground.local_slack.blockcheck.checks import (
    Check,
    boolean,
    every,
    integer,
    items,
    one_of,
    rule,
    shape,
    string,
    typed,
)
from bot.playground.local_slack.blockcheck.elements import AS_ACCESSORY, BUTTON, ELEMENTS, IN_ACTIONS, IN_INPUT
from bot.playground.local_slack.blockcheck.objects import BLOCK_ID, IMAGE_ELEMENT, SLACK_FILE, plain, text
from bot.playground.local_slack.blockcheck.richtext import RICH_TEXT, RICH_TEXT_ONLY
from bot.playground.local_slack.blockcheck.tables import DATA_TABLE, TABLE

Surface = Literal["message", "modal", "home"]
_ID: dict[str, Check] = {"block_id": BLOCK_ID}


def _elements(names: frozenset[str]) -> Check:
    return typed({each: ELEMENTS[each] for each in names})


_PICTURE = every(
    shape(
        {"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": SLACK_FILE, "title": plain(2000), **_ID}
    ),
    rule(lambda fields: ("image_url" in fields) != ("slack_file" in fields), "must have one of: image_url, slack_file"),
)
_IMAGE_ONLY = typed({"image": IMAGE_ELEMENT})
_CONTEXT_ELEMENT = typed(
    {
        "image": IMAGE_ELEMENT,
        "plain_text": shape({"text": string(3000)}, {"emoji": boolean}),
        "mrkdwn": shape({"text": string(3000)}, {"verbatim": boolean}),
    }
)
_SECTION = every(
    shape(
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), minimum=1, maximum=10),
            "accessory": _elements(AS_ACCESSORY),
            "expand": boolean,
            **_ID,
        },
    ),
    rule(lambda fields: "text" in fields or "fields" in fields, "missing required field: text or fields"),
)
_CARD = every(
    shape(
        {},
        {
            "hero_image": _IMAGE_ONLY,
            "icon": _IMAGE_ONLY,
            "slack_icon": shape({"name": string()}),
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": items(typed({"button": BUTTON}), maximum=3),
            **_ID,
        },
    ),
    rule(lambda fields: any(fields.get(key) for key in ("hero_image", "title", "body", "actions")), "card is empty"),
    rule(lambda fields: not ("icon" in fields and "slack_icon" in fields), "must have only one of: icon, slack_icon"),
)
_STATUS = one_of("pending", "in_progress", "complete", "error")
_TASK_FIELDS: dict[str, Check] = {
    "details": RICH_TEXT_ONLY,
    "output": RICH_TEXT_ONLY,
    "sources": items(typed({"url": ELEMENTS["url"]})),
}
_TASK = shape({"task_id": string(), "title": string(), "status": _STATUS}, {**_TASK_FIELDS, **_ID})
_VIDEO = shape(
    {
        "alt_text": string(2000, minimum=0),
        "title": plain(200),
        "thumbnail_url": string(3000),
        "video_url": string(3000),
    },
    {
        "author_name": string(50, minimum=0),
        "description": plain(200),
        "provider_name": string(50, minimum=0),
        "provider_icon_url": string(2000),
        "title_url": string(2000),
        **_ID,
    },
)
_SIMPLE: dict[str, Check] = {
    "actions": shape({"elements": items(_elements(IN_ACTIONS), minimum=1, maximum=25)}, _ID),
    "context": shape({"elements": items(_CONTEXT_ELEMENT, minimum=1, maximum=10)}, _ID),
    "divider": shape({}, _ID),
    "file": shape({"external_id": string(), "source": one_of("remote")}, _ID),
    "header": shape({"text": plain(150)}, {"level": integer(1, 4), **_ID}),
    "image": _PICTURE,
    "input": shape(
        {"label": plain(2000), "element": _elements(IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean, **_ID},
    ),
    "rich_text": RICH_TEXT,
    "section": _SECTION,
    "table": TABLE,
    "video": _VIDEO,
}
_CONTAINER = every(
    shape(
        {"child_blocks": items(typed(_SIMPLE), minimum=1, maximum=10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT_ONLY,
            "subtitle": text(150),
            "icon": _IMAGE_ONLY,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
            **_ID,
        },
    ),
    rule(lambda fields: "title" in fields or "rich_text_title" in fields, "missing required field: title"),
    rule(
        lambda fields: not fields.get("default_collapsed") or fields.get("is_collapsible"),
        "default_collapsed is for containers that are collapsible",
    ),
    rule(
        lambda fields: not (fields.get("has_header_divider") and fields.get("is_collapsible")),
        "has_header_divider is for containers that are not collapsible",
    ),
)
BLOCKS: dict[str, Check] = {
    **_SIMPLE,
    "alert": shape({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success"), **_ID}),
    "card": _CARD,
    "carousel": shape({"elements": items(typed({"card": _CARD}), minimum=1, maximum=10)}, _ID),
    "container": _CONTAINER,
    "context_actions": shape(
        {"elements": items(_elements(frozenset({"feedback_buttons", "icon_button"})), minimum=1, maximum=5)}, _ID
    ),
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "markdown": shape({"text": string(12_000)}, _ID),
    "plan": shape({"title": string(), "tasks": items(_TASK, maximum=50)}, _ID),
    "task_card": every(_TASK, rule(lambda fields: fields["status"] != "pending", "only a plan's tasks may be pending")),
}
_EVERYWHERE = {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
_DATA = {"carousel", "container", "data_table", "data_visualization", "table"}
ALLOWED: dict[Surface, frozenset[str]] = {
    "message": frozenset(_EVERYWHERE | _DATA | {"context_actions", "file", "markdown", "plan", "task_card"}),
    "modal": frozenset(_EVERYWHERE | {"alert"}),
    "home": frozenset(_EVERYWHERE | _DATA),
}
MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
