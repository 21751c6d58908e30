import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "images"
# The generator's modules belong to its program, not to the pipeline's library.
sys.path.insert(0, str(ROOT / "tools" / "sample_images"))


@pytest.fixture(scope="session")
def images_folder() -> Path:
    return IMAGES
