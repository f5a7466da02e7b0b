"""The chart as a picture."""

import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from subprocess import run

import pytest
from PIL import Image

from bot.charts.axes import INK
from bot.charts.lines import COLOURS
from bot.charts.png import HEIGHT, WIDTH, draw
from bot.charts.scale import figure, shown_columns, span, spread, ticks
from handlers.views.parts.chart import Chart, Series
from tests.support.contrast import contrast

MONTHS = tuple(f"{month} 2022" for month in "Jan Feb Mar Apr May Jun Jul Aug".split())
BLUE, SHADE, LIMIT = (30, 128, 209, 255), (124, 125, 128, 33), (124, 125, 128, 255)
COMBINED = Series("Combined", (380, 400, 410, 440, 470, 450, 430, 395))
SOLD = Series("Sold", (210, 215, 220, 240, 262, 230, 205, 198))
ASKED = Series("Platinum asks for", (645,) * 8, threshold=True)
USUAL = Chart("Partner A: points against Platinum", MONTHS, (COMBINED, SOLD, ASKED), 5)


def picture(chart: Chart) -> Image.Image:
    image = Image.open(BytesIO(draw(chart)))
    image.load()
    return image


def columns_with(colour: tuple[int, int, int, int], image: Image.Image, least: int = 1) -> list[int]:
    """The columns of the plot with at least so many pixels of the colour."""
    return [x for x in range(WIDTH) if sum(image.getpixel((x, y)) == colour for y in range(120, 530)) >= least]


def one_series(name: str, *values: float, known: int = 99, **more: bool) -> Chart:
    names = tuple(f"C{each}" for each in range(len(values)))
    return Chart("t", names, (Series(name, values, **more),), min(known, len(values)))


def test_a_picture_has_the_right_size_and_stays_small() -> None:
    image = draw(USUAL)
    assert picture(USUAL).size == (WIDTH, HEIGHT) == (1200, 600)
    assert picture(USUAL).format == "PNG"
    assert len(image) < 200_000


def test_projected_values_are_dashed_on_a_shaded_background() -> None:
    image = picture(USUAL)
    shaded, solid = columns_with(SHADE, image, 100), columns_with(BLUE, image)
    today = shaded[0]
    assert today > WIDTH / 3
    known, projected = range(min(solid), today), [each for each in solid if today < each < shaded[-1]]
    assert all(each in solid for each in known)
    assert 0 < len(projected) < projected[-1] - projected[0]
    assert min(solid) < today / 2
    assert not columns_with(SHADE, picture(Chart("t", MONTHS, (COMBINED,), 8)), 100)
    assert picture(Chart("t", MONTHS, (COMBINED,), 0)).getpixel((150, 500)) == SHADE


def test_a_picture_is_transparent_so_that_it_fits_light_and_dark() -> None:
    assert picture(USUAL).mode == "RGBA"
    assert picture(USUAL).getpixel((2, 2))[3] == 0


@pytest.mark.parametrize("ground", ["#ffffff", "#1a1d21"])
def test_every_colour_of_a_chart_can_be_told_from_a_light_and_a_dark_ground(ground: str) -> None:
    assert all(contrast(each, ground) >= 4 for each in (*COLOURS, INK))


def test_a_limit_is_a_dashed_line_across_the_picture() -> None:
    image = picture(USUAL)
    row = next(y for y in range(100, 530) if sum(image.getpixel((x, y)) == LIMIT for x in range(WIDTH)) > 300)
    drawn = [x for x in range(WIDTH) if image.getpixel((x, row)) == LIMIT]
    assert drawn[-1] - drawn[0] > 600
    assert len(drawn) < drawn[-1] - drawn[0]


def test_series_differ_in_more_than_colour() -> None:
    square = picture(Chart("t", MONTHS, (COMBINED, SOLD), 8)).getchannel("A")
    swapped = picture(Chart("t", MONTHS, (SOLD, COMBINED), 8)).getchannel("A")
    assert square.tobytes() != swapped.tobytes()


@pytest.mark.parametrize(
    "chart",
    [
        one_series("One", 5),
        one_series("One", 5, known=0),
        one_series("Zeros", 0, 0, 0),
        one_series("Negative", -5, -1, -200, known=1),
        one_series("Huge", 1e18, -1e18, 1.7e308, known=2),
        one_series("Tiny", 1e-9, 2e-9),
        one_series("Gaps", float("nan"), 3, float("inf"), known=1),
        one_series("Nothing known", float("nan"), float("nan")),
        one_series("Limit", 5, 5, threshold=True),
        one_series("日本\x00\x1b[31m\ud800 \u202e" + "x" * 5_000, 1, 2),
        one_series("", 1, 2),
        Chart("", (), (), 0),
        Chart("No series", MONTHS, (), 5),
        Chart("t" * 9_999 + "\n", tuple("\n" * each + "c" * 999 for each in range(20)), (), 20),
        Chart("Many", ("a", "b", "c"), tuple(Series(f"s{each}", (each, each, each)) for each in range(30)), 2),
        Chart("Long", tuple(map(str, range(300))), (Series("s", tuple(range(300))),), 200),
    ],
    ids=lambda chart: chart.title[:10] or "empty",
)
def test_unusual_charts_can_be_drawn(chart: Chart) -> None:
    assert picture(chart).size == (WIDTH, HEIGHT)


def test_a_series_without_a_value_for_each_category_is_refused() -> None:
    with pytest.raises(ValueError, match="'Sold' has 2 values for 3 categories"):
        draw(Chart("t", ("a", "b", "c"), (Series("Sold", (1, 2)),), 3))


def test_names_are_plain_text_and_never_formulas() -> None:
    def with_name(name: str) -> Image.Image:
        return picture(Chart(name, ("a", "b"), (Series(name, (1, 2)),), 2, y_label=name))

    assert with_name("$x^2$").tobytes() != with_name("x2").tobytes()
    assert with_name(r"$\frac{1}{$").size == (WIDTH, HEIGHT)
    assert with_name("one\ntwo").tobytes() == with_name("one two").tobytes()


@pytest.mark.slow
def test_pictures_drawn_concurrently_equal_those_drawn_one_by_one() -> None:
    charts = [one_series(f"Series {each}", *range(each, each + 9), known=5) for each in range(12)]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(draw, charts)) == [draw(each) for each in charts]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drawn", "absent"), [("", "matplotlib"), ("", "PIL"), ("draw(Chart('t', (), (), 0));", "matplotlib.pyplot")]
)
def test_matplotlib_is_imported_lazily_and_pyplot_never(drawn: str, absent: str) -> None:
    imports = "import sys; from bot.charts.png import draw; from handlers.views.parts.chart import Chart"
    code = f"{imports}; {drawn} sys.exit({absent!r} in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawing_changes_no_matplotlib_settings() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw(USUAL)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (1234, "1,234"),
        (232.5, "232.5"),
        (-0.004, "-4.0e-03"),
        (1.25e6, "1.25M"),
        (3e9, "3B"),
        (2e15, "2.0e+15"),
    ],
)
def test_axis_figures_are_short(value: float, written: str) -> None:
    assert figure(value) == written


def test_axis_figures_are_round_and_include_zero() -> None:
    assert ticks(*span([380, 645])) == [0, 200, 400, 600]
    assert ticks(*span([-30, 12])) == [-30, -20, -10, 0, 10]
    assert ticks(*span([])) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_labels_keep_their_distance_and_order() -> None:
    assert spread([10, 11, 50], 20, 0, 100) == [10, 30, 50]
    assert spread([50, 99, 98], 20, 0, 100) == [50, 100, 80]
    assert spread([], 20, 0, 100) == []


def test_the_last_known_category_is_always_labelled() -> None:
    assert shown_columns(18, 11, 7) == [2, 5, 8, 11, 14, 17]
    assert shown_columns(3, 0, 0) == [0]
