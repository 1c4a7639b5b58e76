"""Bilinear resizing of grey images in plain numpy.

Only geometry: knows no data set and rounds nothing.
"""

from __future__ import annotations

import numpy as np


def resize_bilinear(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize images (N, H, W) to (N, height, width), float64.

    Pixels are squares: output pixel i has its centre at (i + 0.5) H / height - 0.5 of the input's
    rows, and a centre beyond the border takes the border's value (torch's `interpolate` with
    mode="bilinear", align_corners=False).
    """
    rows = _weights(images.shape[1], height)  # (height, H)
    columns = _weights(images.shape[2], width)  # (width, W)
    return rows @ images.astype(np.float64) @ columns.T


def _weights(size_in: int, size_out: int) -> np.ndarray:
    """The matrix (size_out, size_in) of linear interpolation; every row sums to 1."""
    centre = (np.arange(size_out) + 0.5) * size_in / size_out - 0.5
    centre = centre.clip(0, size_in - 1)
    left = np.minimum(centre.astype(int), max(size_in - 2, 0))
    fraction = centre - left
    weights = np.zeros((size_out, size_in))
    weights[np.arange(size_out), left] = 1 - fraction
    if size_in > 1:
        weights[np.arange(size_out), left + 1] = fraction
    return weights
