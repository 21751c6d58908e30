import sys
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[2] / "images"
sys.path.insert(
    0, str(IMAGES)
)  # the generator is a program's own package, not part of the pipeline's library


@pytest.fixture(scope="session")
def images_folder() -> Path:
    return IMAGES
