"""Matplotlib's Agg as a pen: lines, areas, marks, words, in pixels. Importing this imports matplotlib (half a second).

No Figure and no Axes: their ticks and layouts cost more than all the drawing. No setting of matplotlib's is changed.
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
    """A white sheet of so many pixels, (0, 0) in its lower left corner. What is drawn later lies above the rest."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._sheet = RendererAgg(width, height, _PIXEL_IS_POINT)  # type: ignore[no-untyped-call]
        self._renderer: RendererBase = self._sheet
        self._advances: dict[tuple[str, bool], float] = {}
        self.area(0, 0, width, height, "white")

    def line(self, points: Sequence[Point], colour: str, width: float, dashes: Sequence[float] | None = None) -> None:
        """A line through the points; `dashes` are lengths of strokes and gaps, in widths."""
        how = self._how(colour, width)
        how.set_capstyle("butt" if dashes else "round")
        how.set_joinstyle("round")
        if dashes:
            how.set_dashes(0, [each * width for each in dashes])
        self._renderer.draw_path(how, Outline(points), _AS_IS)

    def marks(self, points: Sequence[Point], shape: str, size: float, edge: str, face: str) -> None:
        """The same mark at every point."""
        mark = MarkerStyle(shape)
        how = self._how(edge, 2)
        how.set_joinstyle("miter")
        scaled = mark.get_transform() + Affine2D().scale(size)
        self._renderer.draw_markers(how, mark.get_path(), scaled, Outline(points), _AS_IS, to_rgb(face))

    def area(self, left: float, bottom: float, right: float, top: float, colour: str, *, solid: float = 1.0) -> None:
        """A rectangle, from `solid` 1 down to transparent."""
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        how = self._how(colour, 0)
        how.set_alpha(solid)
        self._renderer.draw_path(how, Outline(corners, closed=True), _AS_IS, to_rgb(colour))

    def words(
        self,
        at: Point,
        said: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        across: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Words on the height of their middle, all of them just as they are: `$` and `\\` mean nothing."""
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[across]
        x = at[0] - (shift * self.width_of(said, size, bold=bold) if shift else 0.0)
        y = self.height - at[1] + _HALF_CAPITAL * size
        self._renderer.draw_text(self._how(colour, 1), x, y, _drawable(said, bold), _font(size, bold), 0)

    def width_of(self, said: str, size: float, *, bold: bool = False) -> float:
        """How wide these words are, kerning aside."""
        return size * sum(self._advance(each, bold) for each in _drawable(said, bold))

    def _advance(self, character: str, bold: bool) -> float:
        """A character's width at size 1. (Asking for whole words takes ten times as long.)"""
        key = (character, bold)
        if key not in self._advances:
            font = get_font(_file(bold))
            font.set_size(_MEASURED_AT, _PIXEL_IS_POINT)
            glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
            self._advances[key] = glyph.linearHoriAdvance / 65536 / _MEASURED_AT
        return self._advances[key]

    def png(self) -> bytes:
        """The sheet as it is now."""
        pixels = self._sheet.buffer_rgba()  # type: ignore[no-untyped-call]
        drawn = Image.frombuffer("RGBA", (self.width, self.height), pixels, "raw", "RGBA", 0, 1)
        out = BytesIO()
        drawn.convert("RGB").save(out, "PNG", compress_level=3)
        return out.getvalue()

    def _how(self, colour: str, width: float) -> GraphicsContextBase:
        how = self._renderer.new_gc()
        how.set_foreground(colour)
        how.set_linewidth(width)
        return how


def _file(bold: bool) -> str:
    return _BOLD if bold else _REGULAR


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(fname=_file(bold), size=size)


def _drawable(said: str, bold: bool) -> str:
    """The words on one line, with a box for each character that the font has no shape for."""
    font = get_font(_file(bold))
    return "".join(each if font.get_char_index(ord(each)) else _MISSING for each in " ".join(said.split()))
