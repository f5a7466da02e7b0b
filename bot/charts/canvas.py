"""A drawing surface over matplotlib's Agg: lines, areas, markers and text, in pixels. Importing this module imports
matplotlib, which takes half a second.

It uses no Figure and no Axes, whose ticks and layout cost more than all the drawing, and changes no setting of
matplotlib.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D, IdentityTransform
from PIL import Image

Point = tuple[float, float]
_PIXEL_IS_POINT = 72
_FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
_REGULAR, _BOLD = str(_FONTS / "DejaVuSans.ttf"), str(_FONTS / "DejaVuSans-Bold.ttf")
_HALF_CAPITAL = 0.365
_MEASURED_AT = 100
_MISSING = "□"
_AS_IS = IdentityTransform()


class Pen:
    """A transparent canvas of so many pixels, with (0, 0) in its lower left corner; later drawing covers earlier."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._canvas = RendererAgg(width, height, _PIXEL_IS_POINT)  # type: ignore[no-untyped-call]
        self._renderer: RendererBase = self._canvas
        self._advances: dict[tuple[str, bool], float] = {}

    def line(
        self,
        points: Sequence[Point],
        colour: str,
        width: float,
        dashes: Sequence[float] | None = None,
        *,
        opacity: float = 1.0,
    ) -> None:
        """Draw a line through the points; `dashes` are the lengths of strokes and gaps, in line widths."""
        context = self._context(colour, width)
        context.set_alpha(opacity)
        context.set_capstyle("butt" if dashes else "round")
        context.set_joinstyle("round")
        if dashes:
            context.set_dashes(0, [each * width for each in dashes])
        self._renderer.draw_path(context, Outline(points), _AS_IS)

    def marks(self, points: Sequence[Point], shape: str, size: float, colour: str, *, hollow: bool = False) -> None:
        """Draw a marker at every point, filled or as an outline."""
        mark = MarkerStyle(shape)
        context = self._context(colour, 2.5)
        context.set_joinstyle("miter")
        scaled = mark.get_transform() + Affine2D().scale(size)
        self._renderer.draw_markers(
            context, mark.get_path(), scaled, Outline(points), _AS_IS, None if hollow else to_rgb(colour)
        )

    def area(self, left: float, bottom: float, right: float, top: float, colour: str, *, opacity: float = 1.0) -> None:
        """Fill a rectangle; `opacity` is from 0 (transparent) to 1."""
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        context = self._context(colour, 0)
        context.set_alpha(opacity)
        self._renderer.draw_path(context, Outline(corners, closed=True), _AS_IS, to_rgb(colour))

    def text_at(
        self,
        at: Point,
        text: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Draw text, vertically centred; `align` says which end of it is at the point. `$` and `\\` aren't special."""
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        x = at[0] - (shift * self.width_of(text, size, bold=bold) if shift else 0.0)
        y = self.height - at[1] + _HALF_CAPITAL * size
        self._renderer.draw_text(self._context(colour, 1), x, y, _drawable(text, bold), _font(size, bold), 0)

    def width_of(self, text: str, size: float, *, bold: bool = False) -> float:
        """The width of the text, without kerning."""
        return size * sum(self._advance(each, bold) for each in _drawable(text, bold))

    def _advance(self, character: str, bold: bool) -> float:
        """A character's width at size 1; cached, because measuring whole words takes ten times as long."""
        key = (character, bold)
        if key not in self._advances:
            font = get_font(_file(bold))
            font.set_size(_MEASURED_AT, _PIXEL_IS_POINT)
            glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
            self._advances[key] = glyph.linearHoriAdvance / 65536 / _MEASURED_AT
        return self._advances[key]

    def png(self) -> bytes:
        """The canvas as PNG."""
        pixels = self._canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        drawn = Image.frombuffer("RGBA", (self.width, self.height), pixels, "raw", "RGBA", 0, 1)
        out = BytesIO()
        drawn.save(out, "PNG", compress_level=3)
        return out.getvalue()

    def _context(self, colour: str, width: float) -> GraphicsContextBase:
        context = self._renderer.new_gc()
        context.set_foreground(colour)
        context.set_linewidth(width)
        return context


def _file(bold: bool) -> str:
    return _BOLD if bold else _REGULAR


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(fname=_file(bold), size=size)


def _drawable(text: str, bold: bool) -> str:
    """The text on one line, with a box for each character that the font lacks."""
    font = get_font(_file(bold))
    return "".join(each if font.get_char_index(ord(each)) else _MISSING for each in " ".join(text.split()))
