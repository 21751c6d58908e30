"""Setting one line of type: its coverage mask, cropped to the ink, and where the ink lies from the pen."""

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FACES = {
    "abril": "fontpkg_abril_fatface/AbrilFatface-Regular",
    "alfa": "fontpkg_alfa_slab_one/AlfaSlabOne-Regular",
    "anton": "fontpkg_anton/Anton-Regular",
    "archivo": "fontpkg_archivo_black/ArchivoBlack-Regular",
    "arvo": "fontpkg_arvo/Arvo-Regular",
    "arvo-bold": "fontpkg_arvo/Arvo-Bold",
    "barlow": "fontpkg_barlow_condensed/BarlowCondensed-Medium",
    "barlow-bold": "fontpkg_barlow_condensed/BarlowCondensed-SemiBold",
    "bebas": "fontpkg_bebas_neue/BebasNeue-Regular",
    "stencil": "fontpkg_black_ops_one/BlackOpsOne-Regular",
    "bungee": "fontpkg_bungee/Bungee-Regular",
    "crimson": "fontpkg_crimson_text/CrimsonText-Regular",
    "crimson-italic": "fontpkg_crimson_text/CrimsonText-Italic",
    "crimson-bold": "fontpkg_crimson_text/CrimsonText-Bold",
    "mono": "fontpkg_dm_mono/DMMono-Regular",
    "mono-bold": "fontpkg_dm_mono/DMMono-Medium",
    "didone": "fontpkg_dm_serif_display/DMSerifDisplay-Regular",
    "vibes": "fontpkg_great_vibes/GreatVibes-Regular",
    "indie": "fontpkg_indie_flower/IndieFlower-Regular",
    "lobster": "fontpkg_lobster/Lobster-Regular",
    "pacifico": "fontpkg_pacifico/Pacifico-Regular",
    "marker": "fontpkg_permanent_marker/PermanentMarker-Regular",
    "poppins": "fontpkg_poppins/Poppins-Medium",
    "poppins-bold": "fontpkg_poppins/Poppins-Bold",
    "pixel": "fontpkg_press_start_2p/PressStart2P-Regular",
    "sans": "fontpkg_pt_sans/PT_Sans-Web-Regular",
    "sans-bold": "fontpkg_pt_sans/PT_Sans-Web-Bold",
    "narrow": "fontpkg_pt_sans_narrow/PT_Sans-Narrow-Web-Regular",
    "narrow-bold": "fontpkg_pt_sans_narrow/PT_Sans-Narrow-Web-Bold",
    "serif": "fontpkg_pt_serif/PT_Serif-Web-Regular",
    "serif-bold": "fontpkg_pt_serif/PT_Serif-Web-Bold",
    "righteous": "fontpkg_righteous/Righteous-Regular",
    "yellowtail": "fontpkg_yellowtail/Yellowtail-Regular",
}
"""Short name to package and file stem; each package carries its font files and their licence."""


class MissingFontError(Exception):
    """A font package is not installed; the message names it."""


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Load a face of FACES at `size` pixels per em; raises MissingFontError when its package is absent."""
    package, stem = FACES[face].split("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingFontError(f"{package.replace('_', '-')} is not installed; install envs/images.lock")
    path = Path(spec.origin).parent / "files" / f"{stem}.ttf"
    # The basic layout does the same everywhere; the other one depends on a system library.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


REFERENCE_SIZE = 200
"""Pixels per em at which a text is measured before it is scaled to fit."""


UNICASE = frozenset({"bebas", "bungee", "marker"})
"""Faces whose small letters look like capitals: a text in them is labelled, so written, in capitals."""


@dataclass(frozen=True)
class Style:
    """How a line is set; `word_gap` scales the face's own space, `tracking` adds em between letters."""

    face: str
    size: int = 10
    tracking: float = 0.0
    word_gap: float = 1.0
    stroke: int = 0


@dataclass(frozen=True)
class Line:
    """A set line: `mask` is tight to the ink; `left`, `top` is its corner seen from the pen."""

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
    return Line(sheet.crop(ink), ink[0] - margin, ink[1] - baseline, advance)


def fitted(text: str, style: Style, width: float, height: float = float("inf")) -> Style:
    """The same style at the largest size whose ink is at most `width` x `height` pixels."""
    probe = set_line(text, replace(style, size=REFERENCE_SIZE))
    factor = min(width / probe.width, height / probe.height)
    return replace(style, size=int(REFERENCE_SIZE * factor))


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
