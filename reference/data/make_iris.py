"""Writes grader/data/iris.csv from scikit-learn's bundled copy of Fisher's iris flowers.

Run it by hand, `python reference/data/make_iris.py`; nothing else does. It must not download.
"""

import csv
from pathlib import Path

from sklearn.datasets import load_iris

TARGET = Path(__file__).resolve().parents[2] / "grader" / "data" / "iris.csv"
TITLES = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm", "species"]


def main() -> None:
    """One row a flower: four lengths, then 0 for setosa, 1 for versicolor, 2 for virginica."""
    iris = load_iris()
    with open(TARGET, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TITLES)
        for lengths, species in zip(iris.data, iris.target, strict=True):
            writer.writerow([*(repr(float(x)) for x in lengths), int(species)])


if __name__ == "__main__":
    main()
