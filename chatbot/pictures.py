"""Pictures as numbers; needs the ``pictures`` extra."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import ChatbotError, PictureError

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureShape:
    """How an encoder wants pictures: squares of ``size`` pixels, of which it makes ``cells`` states."""

    size: int
    cells: int


def load_pictures(paths: Sequence[str], shape: PictureShape) -> Pixels:
    """Return the pictures at ``paths`` [N, 3, size, size], scaled to fit and black beside.

    Raises:
        PictureError: one is missing or damaged.
    """
    if not paths:
        return np.empty((0, 3, shape.size, shape.size), np.uint8)
    return np.stack([_load(path, shape.size) for path in paths])


def _load(path: str, size: int) -> Pixels:
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise ChatbotError("pictures need Pillow", "pip install 'chatbot[pictures]'") from None
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            fitted = ImageOps.pad(upright, (size, size))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        raise PictureError(f"{path}: cannot be looked at: {reason}", "name a .png or .jpg file") from None
    return np.ascontiguousarray(np.asarray(fitted, np.uint8).transpose(2, 0, 1))
