"""The interactive elements, the blocks that take them, and the surfaces that some of them are limited to."""

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
_ACTION: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM}
_FOCUSABLE: dict[str, Check] = {**_ACTION, "focus_on_load": boolean}
_INPUT: dict[str, Check] = {
    "action_id": ACTION_ID,
    "focus_on_load": boolean,
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": shape(
        {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), minimum=1, maximum=2)}
    ),
}
_SELECT: dict[str, Check] = {**_FOCUSABLE, "placeholder": PLACEHOLDER}
_MULTI: dict[str, Check] = {"max_selected_items": integer(1)}
_FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), minimum=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_CONVERSATION: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": _FILTER}
_RESPONSE_URL: dict[str, Check] = {"response_url_enabled": boolean}
_INITIAL_OPTIONS = items(SELECT_OPTION, minimum=1, maximum=SELECT_OPTIONS)
_LABELLED: dict[str, Check] = {"accessibility_label": string(75)}


def _static_select(initial: dict[str, Check]) -> Check:
    lists: dict[str, Check] = {
        "options": items(SELECT_OPTION, minimum=1, maximum=SELECT_OPTIONS),
        "option_groups": items(OPTION_GROUP, minimum=1, maximum=100),
    }
    return every(
        shape({}, {**_SELECT, **lists, **initial}),
        rule(
            lambda fields: ("options" in fields) != ("option_groups" in fields),
            "must have one of: options, option_groups",
        ),
    )


def _options(initial: dict[str, Check]) -> Check:
    return shape({"options": items(TICK_OPTION, minimum=1, maximum=10)}, {**_FOCUSABLE, **initial})


def _select(**more: Check) -> Check:
    return shape({}, {**_SELECT, **more})


_STYLE = one_of("primary", "danger")
BUTTON = every(
    shape(
        {"text": plain(75)},
        {
            **_ACTION,
            **_LABELLED,
            "url": string(3000),
            "value": string(2000),
            "style": _STYLE,
            "agent_prompt": string(4000),
            "agent_prompt_display": string(),
        },
    ),
    rule(
        lambda fields: "agent_prompt_display" not in fields or "agent_prompt" in fields,
        "missing required field: agent_prompt",
    ),
)
_FEEDBACK = shape({"text": plain(75), "value": string(2000)}, _LABELLED)

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "static_select": _static_select({"initial_option": SELECT_OPTION}),
    "external_select": _select(initial_option=SELECT_OPTION, min_query_length=integer(0)),
    "users_select": _select(initial_user=string()),
    "conversations_select": _select(initial_conversation=string(), **_CONVERSATION, **_RESPONSE_URL),
    "channels_select": _select(initial_channel=string(), **_RESPONSE_URL),
    "multi_static_select": _static_select({"initial_options": _INITIAL_OPTIONS, **_MULTI}),
    "multi_external_select": _select(initial_options=_INITIAL_OPTIONS, min_query_length=integer(0), **_MULTI),
    "multi_users_select": _select(initial_users=items(string()), **_MULTI),
    "multi_conversations_select": _select(initial_conversations=items(string()), **_CONVERSATION, **_MULTI),
    "multi_channels_select": _select(initial_channels=items(string()), **_MULTI),
    "overflow": shape({"options": items(option(plain(75), url=True), minimum=1, maximum=5)}, _ACTION),
    "checkboxes": _options({"initial_options": items(TICK_OPTION, minimum=1, maximum=10)}),
    "radio_buttons": _options({"initial_option": TICK_OPTION}),
    "datepicker": _select(initial_date=_DAY),
    "timepicker": _select(initial_time=_TIME, timezone=string()),
    "datetimepicker": shape({}, {**_FOCUSABLE, "initial_date_time": integer(0)}),
    "plain_text_input": every(
        shape(
            {},
            {
                **_INPUT,
                "initial_value": string(3000, minimum=0),
                "multiline": boolean,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            },
        ),
        rule(lambda fields: fields["min_length"] <= fields["max_length"], "min_length must not exceed max_length"),
    ),
    "email_text_input": shape({}, {**_INPUT, "initial_value": string()}),
    "url_text_input": shape({}, {**_INPUT, "initial_value": string()}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_INPUT, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "rich_text_input": shape(
        {}, {**_INPUT, "initial_value": anything, "min_lines": integer(1, 100), "max_lines": integer(1, 100)}
    ),
    "file_input": shape({}, {"action_id": ACTION_ID, "filetypes": items(string()), "max_files": integer(1, 10)}),
    "workflow_button": shape({"text": plain(75), "workflow": anything}, {**_ACTION, **_LABELLED, "style": _STYLE}),
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ACTION_ID}),
    "icon_button": shape(
        {"icon": one_of("trash"), "text": plain(75)},
        {**_ACTION, **_LABELLED, "value": string(2000), "visible_to_user_ids": items(string(), maximum=10)},
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
