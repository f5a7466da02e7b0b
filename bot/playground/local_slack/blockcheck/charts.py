"""The data_visualization block: pie charts, and bar, line and area charts over one row of categories."""

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    every,
    items,
    number,
    one_of,
    rule,
    shape,
    string,
    typed,
)
from bot.playground.local_slack.blockcheck.objects import BLOCK_ID

SERIES = 12
POINTS = 20
_LABEL = string(20)
_AXIS_LABEL = string(50)

_SEGMENT = every(
    shape({"label": _LABEL, "value": number}),
    rule(lambda held: not isinstance(held["value"], int | float) or held["value"] > 0, "must be greater than 0"),
)
_POINT = shape({"label": _LABEL, "value": number})
_ONE_SERIES = shape({"name": _LABEL, "data": items(_POINT, least=1, most=POINTS)})
_AXES = every(
    shape(
        {"categories": items(_LABEL, least=1, most=POINTS)},
        {"x_label": _AXIS_LABEL, "y_label": _AXIS_LABEL},
    ),
    rule(lambda held: len(set(held["categories"])) == len(held["categories"]), "categories must be unique"),
)
_XY = every(
    shape({"series": items(_ONE_SERIES, least=1, most=SERIES), "axis_config": _AXES}),
    rule(lambda held: len({each["name"] for each in held["series"]}) == len(held["series"]), "names must be unique"),
    rule(
        lambda held: all(
            sorted(point["label"] for point in each["data"]) == sorted(held["axis_config"]["categories"])
            for each in held["series"]
        ),
        "every series must have exactly one point for each category",
    ),
)
_CHARTS: dict[str, Check] = {
    "pie": shape({"segments": items(_SEGMENT, least=1, most=SERIES)}),
    **dict.fromkeys(("bar", "line", "area"), _XY),
}
CHART_TYPES = one_of(*_CHARTS)
DATA_VISUALIZATION = shape({"title": string(50), "chart": typed(_CHARTS)}, {"block_id": BLOCK_ID})
