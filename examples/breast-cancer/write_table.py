"""Write scikit-learn's breast cancer data as a CSV file: `python examples/breast-cancer/write_table.py FILE`."""

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer

N_COLUMNS = 4
"""Of the 30: mean radius, texture, perimeter and area of the cell nuclei in one image."""


def write_breast_cancer(path: Path) -> None:
    """Write the first columns of 569 images, and the diagnosis of each."""
    cancer = load_breast_cancer()
    columns = [name.replace(" ", "_") for name in cancer.feature_names[:N_COLUMNS]]
    diagnoses = cancer.target_names[cancer.target].tolist()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "diagnosis"])
        pairs = zip(cancer.data[:, :N_COLUMNS].tolist(), diagnoses, strict=True)
        writer.writerows([*cells, diagnosis] for cells, diagnosis in pairs)


if __name__ == "__main__":
    write_breast_cancer(Path(sys.argv[1]))
