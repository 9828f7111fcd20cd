"""(f) The blog-post way for a table: `pd.DataFrame` of the posted rows, scikit-learn's `predict`, `jsonify`."""

import pickle
from pathlib import Path

import pandas as pd
from flask import Flask, Response, jsonify, request

from lockstep.bundles.bundle import MODEL_FILE
from qa.bench.models import FLOWERS


def create_app(models: str) -> Flask:
    """Return the app, its model loaded from the folder of models: the pickle of the bundle that the service serves."""
    app = Flask(__name__)
    model = pickle.loads((Path(models) / FLOWERS / "1" / MODEL_FILE).read_bytes())

    @app.post("/predict")
    def post_rows() -> Response:
        frame = request.get_json()["dataframe_split"]
        rows = pd.DataFrame(frame["data"], columns=frame["columns"])
        return jsonify(y_pred=model.predict(rows.to_numpy()).tolist())

    @app.get("/ready")
    def get_ready() -> Response:
        return jsonify(status="ready")

    return app
