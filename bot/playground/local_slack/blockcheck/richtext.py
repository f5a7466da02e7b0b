"""The rich_text block: sections, lists, preformatted text, quotes, and the elements of their lines."""

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    anything,
    boolean,
    integer,
    items,
    number,
    one_of,
    shape,
    string,
    typed,
)
from bot.playground.local_slack.blockcheck.objects import BLOCK_ID

_BORDER = integer(0, 1)
_TEXT_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_MENTION_STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _mention(field: str) -> Check:
    return shape({field: string()}, {"style": _MENTION_STYLE})


SPAN = typed(
    {
        "text": shape({"text": string()}, {"style": _TEXT_STYLE}),
        "link": shape({"url": string()}, {"text": string(minimum=0), "unsafe": boolean, "style": _TEXT_STYLE}),
        "emoji": shape(
            {"name": string()},
            {"unicode": string(), "skin_tone": integer(1, 6), "url": string(), "style": _MENTION_STYLE},
        ),
        "user": _mention("user_id"),
        "channel": _mention("channel_id"),
        "usergroup": _mention("usergroup_id"),
        "team": _mention("team_id"),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": _MENTION_STYLE}),
        "color": shape({"value": string()}, {"style": _MENTION_STYLE}),
        "date": shape(
            {"timestamp": number, "format": string()},
            {"timezone": string(), "url": string(), "fallback": string(), "style": _MENTION_STYLE},
        ),
    }
)
SECTION = shape({"elements": items(SPAN, minimum=1)})
_SECTION_ONLY = typed({"rich_text_section": SECTION})
PARTS = typed(
    {
        "rich_text_section": SECTION,
        "rich_text_list": shape(
            {"style": one_of("bullet", "ordered"), "elements": items(_SECTION_ONLY, minimum=1)},
            {"indent": integer(0, 8), "offset": integer(0), "border": _BORDER},
        ),
        "rich_text_preformatted": shape(
            {"elements": items(SPAN, minimum=1)}, {"border": _BORDER, "language": anything}
        ),
        "rich_text_quote": shape({"elements": items(SPAN, minimum=1)}, {"border": _BORDER}),
    }
)
RICH_TEXT = shape({"elements": items(PARTS, minimum=1)}, {"block_id": BLOCK_ID})
RICH_TEXT_ONLY = typed({"rich_text": RICH_TEXT})
