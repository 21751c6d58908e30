"""Setting one line of type: its coverage mask, cropped to the ink, and where the ink lies from the pen."""

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from generator.fonts import font

REFERENCE_SIZE = 200
"""Pixels per em at which a text is measured before it is scaled to fit."""


UNICASE = frozenset({"bebas", "bungee", "marker"})
"""Faces whose small letters look like capitals: a text in them is labelled, so written, in capitals."""


@dataclass(frozen=True)
class Style:
    """How a line is set; `word_gap` scales the face's own space, `tracking` adds em between letters."""

    face: str
    size: int
    tracking: float = 0.0
    word_gap: float = 1.0
    stroke: int = 0


@dataclass(frozen=True)
class Line:
    """A set line: `mask` is tight to the ink; `left`, `top` is its corner seen from the pen."""

    text: str
    mask: Image.Image
    left: int
    top: int
    advance: float

    @property
    def width(self) -> int:
        """Ink width in pixels."""
        return self.mask.width

    @property
    def height(self) -> int:
        """Ink height in pixels."""
        return self.mask.height


def set_line(text: str, style: Style) -> Line:
    """Set `text`; raises ValueError when it leaves no ink or has small letters the face does not have."""
    if style.face in UNICASE and text != text.upper():
        raise ValueError(f"{style.face} has capitals only: {text!r}")
    face = font(style.face, style.size)
    pieces, advance = _pieces(text, style, face)
    margin = style.size + style.stroke
    sheet = Image.new("L", (int(advance) + 2 * margin, 3 * style.size + 2 * style.stroke))
    baseline = 2 * style.size
    draw = ImageDraw.Draw(sheet)
    for piece, x in pieces:
        draw.text((margin + x, baseline), piece, fill=255, font=face, anchor="ls", stroke_width=style.stroke)
    ink = sheet.getbbox()
    if ink is None:
        raise ValueError(f"no ink in {text!r}")
    return Line(text, sheet.crop(ink), ink[0] - margin, ink[1] - baseline, advance)


def fitted(text: str, style: Style, width: float, height: float = float("inf")) -> Style:
    """The same style at the largest size whose ink is at most `width` x `height` pixels."""
    probe = set_line(text, Style(style.face, REFERENCE_SIZE, style.tracking, style.word_gap))
    factor = min(width / probe.width, height / probe.height)
    return Style(style.face, int(REFERENCE_SIZE * factor), style.tracking, style.word_gap, style.stroke)


def _pieces(text: str, style: Style, face: ImageFont.FreeTypeFont) -> tuple[list[tuple[str, float]], float]:
    """What is drawn in one go, with its pen position, and the whole advance."""
    if style.tracking:
        parts, joint = list(text), style.tracking * style.size
    elif style.word_gap != 1.0:
        parts, joint = text.split(" "), face.getlength(" ") * style.word_gap
    else:
        return [(text, 0.0)], face.getlength(text)
    pieces, pen = [], 0.0
    for part in parts:
        pieces.append((part, pen))
        pen += joint + face.getlength(part) * (style.word_gap if part == " " else 1.0)
    return pieces, pen - joint
