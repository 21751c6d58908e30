"""A real picture as a model input, for checks that compare two models and need no text read."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError


def probe_tensor(image: Path, height: int, width: int) -> NDArray[np.float32]:
    """Return `image`, simply resized, as a `(1, 3, height, width)` float32 BGR tensor in [-1, 1].

    The aspect ratio is not kept: whatever the picture shows, the models see natural statistics, which random
    numbers do not have. Raises `UserError` when the file is not a readable image.
    """
    try:
        encoded = np.fromfile(image, np.uint8)
    except FileNotFoundError:
        raise UserError(f"{image}: no such image") from None
    pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if pixels is None:
        raise UserError(f"{image}: not an image that can be read")
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.ascontiguousarray((resized / np.float32(127.5) - np.float32(1.0)).transpose(2, 0, 1)[None])
