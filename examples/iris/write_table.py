"""Write scikit-learn's iris data as a CSV file: `python examples/iris/write_table.py FILE [--numbers]`."""

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_iris

COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def write_iris(path: Path, numbers: bool = False) -> None:
    """Write the four measurements of 150 flowers, in cm, and the species of each: its name, or a number from 0 to 2."""
    iris = load_iris()
    species = (iris.target if numbers else iris.target_names[iris.target]).tolist()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "species"])
        writer.writerows([*cells, name] for cells, name in zip(iris.data.tolist(), species, strict=True))


if __name__ == "__main__":
    write_iris(Path(sys.argv[1]), numbers=sys.argv[2:] == ["--numbers"])
