"""Where the type families are: each is a Python package that carries its font files and its licence."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PIL import ImageFont

FACES: Final = {
    "abril": ("fontpkg_abril_fatface", "AbrilFatface-Regular"),
    "alfa": ("fontpkg_alfa_slab_one", "AlfaSlabOne-Regular"),
    "anton": ("fontpkg_anton", "Anton-Regular"),
    "archivo": ("fontpkg_archivo_black", "ArchivoBlack-Regular"),
    "arvo": ("fontpkg_arvo", "Arvo-Regular"),
    "arvo-bold": ("fontpkg_arvo", "Arvo-Bold"),
    "barlow": ("fontpkg_barlow_condensed", "BarlowCondensed-Medium"),
    "barlow-bold": ("fontpkg_barlow_condensed", "BarlowCondensed-SemiBold"),
    "bebas": ("fontpkg_bebas_neue", "BebasNeue-Regular"),
    "stencil": ("fontpkg_black_ops_one", "BlackOpsOne-Regular"),
    "bungee": ("fontpkg_bungee", "Bungee-Regular"),
    "crimson": ("fontpkg_crimson_text", "CrimsonText-Regular"),
    "crimson-italic": ("fontpkg_crimson_text", "CrimsonText-Italic"),
    "crimson-bold": ("fontpkg_crimson_text", "CrimsonText-Bold"),
    "mono": ("fontpkg_dm_mono", "DMMono-Regular"),
    "mono-bold": ("fontpkg_dm_mono", "DMMono-Medium"),
    "didone": ("fontpkg_dm_serif_display", "DMSerifDisplay-Regular"),
    "vibes": ("fontpkg_great_vibes", "GreatVibes-Regular"),
    "indie": ("fontpkg_indie_flower", "IndieFlower-Regular"),
    "lobster": ("fontpkg_lobster", "Lobster-Regular"),
    "pacifico": ("fontpkg_pacifico", "Pacifico-Regular"),
    "marker": ("fontpkg_permanent_marker", "PermanentMarker-Regular"),
    "poppins": ("fontpkg_poppins", "Poppins-Medium"),
    "poppins-bold": ("fontpkg_poppins", "Poppins-Bold"),
    "pixel": ("fontpkg_press_start_2p", "PressStart2P-Regular"),
    "sans": ("fontpkg_pt_sans", "PT_Sans-Web-Regular"),
    "sans-bold": ("fontpkg_pt_sans", "PT_Sans-Web-Bold"),
    "narrow": ("fontpkg_pt_sans_narrow", "PT_Sans-Narrow-Web-Regular"),
    "narrow-bold": ("fontpkg_pt_sans_narrow", "PT_Sans-Narrow-Web-Bold"),
    "serif": ("fontpkg_pt_serif", "PT_Serif-Web-Regular"),
    "serif-bold": ("fontpkg_pt_serif", "PT_Serif-Web-Bold"),
    "righteous": ("fontpkg_righteous", "Righteous-Regular"),
    "yellowtail": ("fontpkg_yellowtail", "Yellowtail-Regular"),
}
"""Short name to (package, file stem)."""


class MissingFontError(Exception):
    """A font package is not installed; the message names it."""


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Load a face of FACES at `size` pixels per em; raises MissingFontError when its package is absent."""
    package, stem = FACES[face]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingFontError(f"{package.replace('_', '-')} is not installed; install envs/images.lock")
    path = Path(spec.origin).parent / "files" / f"{stem}.ttf"
    # The basic layout does the same everywhere; the other one depends on a system library.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
