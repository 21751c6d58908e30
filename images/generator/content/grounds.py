"""What things lie on or hang before."""

from collections.abc import Callable
from functools import partial

from numpy.random import Generator

from generator.canvas import Pixels
from generator.textures import asphalt, bricks, fabric, marble, plaster, wood

Texture = Callable[[Generator, tuple[int, int]], Pixels]

OAK: Texture = partial(wood, colour=(172, 128, 84), plank=480)
WALNUT: Texture = partial(wood, colour=(104, 70, 48), plank=480)
LINEN: Texture = partial(fabric, colour=(150, 158, 170), thread=8)
STONE: Texture = partial(marble, colour=(220, 218, 212))
CONCRETE: Texture = partial(plaster, colour=(160, 158, 150))
DARK_WALL: Texture = partial(plaster, colour=(90, 104, 110))
RED_BRICK: Texture = partial(bricks, colour=(150, 92, 76))
SAND_BRICK: Texture = partial(bricks, colour=(176, 140, 110))
ROAD: Texture = asphalt
