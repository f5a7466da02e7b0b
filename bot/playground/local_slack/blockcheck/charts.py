"""The data_visualization block: pie charts, and bar, line and area charts over shared categories."""

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    every,
    items,
    number,
    rule,
    shape,
    string,
    typed,
)
from bot.playground.local_slack.blockcheck.objects import BLOCK_ID

MAX_SERIES = 12
MAX_POINTS = 20
_LABEL = string(20)
_AXIS_LABEL = string(50)

_SEGMENT = every(
    shape({"label": _LABEL, "value": number}),
    rule(lambda fields: not isinstance(fields["value"], int | float) or fields["value"] > 0, "must be greater than 0"),
)
_POINT = shape({"label": _LABEL, "value": number})
_ONE_SERIES = shape({"name": _LABEL, "data": items(_POINT, minimum=1, maximum=MAX_POINTS)})
_AXES = every(
    shape(
        {"categories": items(_LABEL, minimum=1, maximum=MAX_POINTS)},
        {"x_label": _AXIS_LABEL, "y_label": _AXIS_LABEL},
    ),
    rule(lambda fields: len(set(fields["categories"])) == len(fields["categories"]), "categories must be unique"),
)
_XY = every(
    shape({"series": items(_ONE_SERIES, minimum=1, maximum=MAX_SERIES), "axis_config": _AXES}),
    rule(
        lambda fields: len({each["name"] for each in fields["series"]}) == len(fields["series"]), "names must be unique"
    ),
    rule(
        lambda fields: all(
            sorted(point["label"] for point in each["data"]) == sorted(fields["axis_config"]["categories"])
            for each in fields["series"]
        ),
        "every series must have exactly one point for each category",
    ),
)
_CHARTS: dict[str, Check] = {
    "pie": shape({"segments": items(_SEGMENT, minimum=1, maximum=MAX_SERIES)}),
    **dict.fromkeys(("bar", "line", "area"), _XY),
}
DATA_VISUALIZATION = shape({"title": string(50), "chart": typed(_CHARTS)}, {"block_id": BLOCK_ID})
