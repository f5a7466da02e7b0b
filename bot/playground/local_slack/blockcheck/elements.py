"""The interactive elements, the blocks they may stand in, and the surfaces where only some of them work."""

from re import compile as regex

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    anything,
    boolean,
    every,
    integer,
    items,
    one_of,
    pattern,
    rule,
    shape,
    string,
)
from bot.playground.local_slack.blockcheck.objects import (
    ACTION_ID,
    CONFIRM,
    IMAGE_ELEMENT,
    OPTION_GROUP,
    PLACEHOLDER,
    SELECT_OPTION,
    SELECT_OPTIONS,
    TICK_OPTION,
    option,
    plain,
)

_DAY = pattern(regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch, "YYYY-MM-DD")
_TIME = pattern(regex(r"([01][0-9]|2[0-3]):[0-5][0-9]").fullmatch, "HH:mm")
_WHO: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM}
_FOCUS: dict[str, Check] = {**_WHO, "focus_on_load": boolean}
_FIELD: dict[str, Check] = {
    "action_id": ACTION_ID,
    "focus_on_load": boolean,
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": shape(
        {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), least=1, most=2)}
    ),
}
_SELECT: dict[str, Check] = {**_FOCUS, "placeholder": PLACEHOLDER}
_SEVERAL: dict[str, Check] = {"max_selected_items": integer(1)}
_FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_CONVERSATION: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": _FILTER}
_ANSWERABLE: dict[str, Check] = {"response_url_enabled": boolean}
_INITIAL_OPTIONS = items(SELECT_OPTION, least=1, most=SELECT_OPTIONS)
_LABELLED: dict[str, Check] = {"accessibility_label": string(75)}


def _static(initial: dict[str, Check]) -> Check:
    lists: dict[str, Check] = {
        "options": items(SELECT_OPTION, least=1, most=SELECT_OPTIONS),
        "option_groups": items(OPTION_GROUP, least=1, most=100),
    }
    return every(
        shape({}, {**_SELECT, **lists, **initial}),
        rule(lambda held: ("options" in held) != ("option_groups" in held), "must have one of: options, option_groups"),
    )


def _ticks(initial: dict[str, Check]) -> Check:
    return shape({"options": items(TICK_OPTION, least=1, most=10)}, {**_FOCUS, **initial})


def _select(**more: Check) -> Check:
    return shape({}, {**_SELECT, **more})


_STYLE = one_of("primary", "danger")
BUTTON = every(
    shape(
        {"text": plain(75)},
        {
            **_WHO,
            **_LABELLED,
            "url": string(3000),
            "value": string(2000),
            "style": _STYLE,
            "agent_prompt": string(4000),
            "agent_prompt_display": string(),
        },
    ),
    rule(
        lambda held: "agent_prompt_display" not in held or "agent_prompt" in held,
        "missing required field: agent_prompt",
    ),
)
_FEEDBACK = shape({"text": plain(75), "value": string(2000)}, _LABELLED)

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "static_select": _static({"initial_option": SELECT_OPTION}),
    "external_select": _select(initial_option=SELECT_OPTION, min_query_length=integer(0)),
    "users_select": _select(initial_user=string()),
    "conversations_select": _select(initial_conversation=string(), **_CONVERSATION, **_ANSWERABLE),
    "channels_select": _select(initial_channel=string(), **_ANSWERABLE),
    "multi_static_select": _static({"initial_options": _INITIAL_OPTIONS, **_SEVERAL}),
    "multi_external_select": _select(initial_options=_INITIAL_OPTIONS, min_query_length=integer(0), **_SEVERAL),
    "multi_users_select": _select(initial_users=items(string()), **_SEVERAL),
    "multi_conversations_select": _select(initial_conversations=items(string()), **_CONVERSATION, **_SEVERAL),
    "multi_channels_select": _select(initial_channels=items(string()), **_SEVERAL),
    "overflow": shape({"options": items(option(plain(75), url=True), least=1, most=5)}, _WHO),
    "checkboxes": _ticks({"initial_options": items(TICK_OPTION, least=1, most=10)}),
    "radio_buttons": _ticks({"initial_option": TICK_OPTION}),
    "datepicker": _select(initial_date=_DAY),
    "timepicker": _select(initial_time=_TIME, timezone=string()),
    "datetimepicker": shape({}, {**_FOCUS, "initial_date_time": integer(0)}),
    "plain_text_input": every(
        shape(
            {},
            {
                **_FIELD,
                "initial_value": string(3000, least=0),
                "multiline": boolean,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            },
        ),
        rule(lambda held: held["min_length"] <= held["max_length"], "min_length must not exceed max_length"),
    ),
    "email_text_input": shape({}, {**_FIELD, "initial_value": string()}),
    "url_text_input": shape({}, {**_FIELD, "initial_value": string()}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_FIELD, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "rich_text_input": shape(
        {}, {**_FIELD, "initial_value": anything, "min_lines": integer(1, 100), "max_lines": integer(1, 100)}
    ),
    "file_input": shape({}, {"action_id": ACTION_ID, "filetypes": items(string()), "max_files": integer(1, 10)}),
    "workflow_button": shape({"text": plain(75), "workflow": anything}, {**_WHO, **_LABELLED, "style": _STYLE}),
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ACTION_ID}),
    "icon_button": shape(
        {"icon": one_of("trash"), "text": plain(75)},
        {**_WHO, **_LABELLED, "value": string(2000), "visible_to_user_ids": items(string(), most=10)},
    ),
    "image": IMAGE_ELEMENT,
    "url": shape({"url": string(), "text": string()}),
}

_SELECTS = frozenset(each for each in ELEMENTS if each.endswith("_select"))
_PICKERS = frozenset({"button", "workflow_button", "checkboxes", "radio_buttons", "datepicker", "timepicker"})
IN_ACTIONS = _SELECTS | _PICKERS | {"overflow", "datetimepicker", "rich_text_input"}
AS_ACCESSORY = _SELECTS | _PICKERS | {"overflow", "image"}
IN_INPUT = (_SELECTS | _PICKERS | frozenset(each for each in ELEMENTS if each.endswith("_input"))) - {
    "button",
    "workflow_button",
} | {"datetimepicker"}

ONLY_ON: dict[str, frozenset[str]] = {
    "datetimepicker": frozenset({"message", "modal"}),
    "email_text_input": frozenset({"modal"}),
    "url_text_input": frozenset({"modal"}),
    "number_input": frozenset({"modal"}),
    "file_input": frozenset({"modal"}),
    "rich_text_input": frozenset({"modal", "home"}),
    "workflow_button": frozenset({"message"}),
    "feedback_buttons": frozenset({"message"}),
    "icon_button": frozenset({"message"}),
}
