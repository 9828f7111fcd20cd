"""Save a pickled model as MLflow does, in the Python of its environment; arguments: PICKLE FOLDER COLUMN COLUMN."""

import pickle
import sys
from pathlib import Path

import mlflow.models
import mlflow.sklearn
import pandas as pd


def save(pickled: str, folder: str, columns: list[str]) -> None:
    """Save the model with the signature of numbers in the columns."""
    model = pickle.loads(Path(pickled).read_bytes())
    rows = pd.DataFrame([[1.0] * len(columns)], columns=columns)
    signature = mlflow.models.infer_signature(rows, model.predict(rows.to_numpy()))
    mlflow.sklearn.save_model(model, folder, signature=signature, serialization_format="cloudpickle")


if __name__ == "__main__":
    save(sys.argv[1], sys.argv[2], sys.argv[3:])
