"""Write grader/data/digits.npz: scikit-learn's handwritten digits with a fixed split.

Run from the repository's root: `python reference/data/make_digits.py`. The file is committed, so
that grading never imports scikit-learn; this script only says where the numbers come from. Source:
E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository (1998), as
bundled with scikit-learn: 1,797 images of 8x8 pixels, grey levels 0 to 16.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

OUT = Path(__file__).parents[2] / "grader" / "data" / "digits.npz"
TEST_FRACTION = 0.25
SEED = 2026


def stratified_test_mask(y: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Mark the same fraction of every class as test samples: (N,) bool."""
    rng = np.random.default_rng(seed)
    test = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        test[members[: round(fraction * len(members))]] = True
    return test


def main() -> None:
    digits = load_digits()
    X = digits.images.astype(np.uint8)  # (1797, 8, 8), 0..16
    y = digits.target.astype(np.uint8)  # (1797,)
    assert np.array_equal(X, digits.images)
    np.savez_compressed(OUT, X=X, y=y, test=stratified_test_mask(y, TEST_FRACTION, SEED))
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
