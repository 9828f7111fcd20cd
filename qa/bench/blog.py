"""(c) The blog-post way: `pd.read_json`, pandas features over the whole history, scikit-learn, `jsonify`.

The fitted scaler and model are those of the default bundle; the features are as many and as costly, in
vectorised pandas, but not the same numbers.
"""

import io
import pickle

import pandas as pd
from flask import Flask, Response, jsonify, request

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from qa.bench.blog_features import build_features
from qa.bench.cases import PRICES
from qa.default_bundle import DEFAULT_BUNDLE


def create_app() -> Flask:
    """Return the app, its history and its model loaded."""
    app = Flask(__name__)
    history = pd.read_csv(PRICES, parse_dates=["Date"])
    scaler = pickle.loads((DEFAULT_BUNDLE / SCALER_FILE).read_bytes())
    model = pickle.loads((DEFAULT_BUNDLE / MODEL_FILE).read_bytes())

    @app.post("/forecast")
    def post_forecast() -> Response:
        posted = pd.read_json(io.StringIO(request.get_data(as_text=True)), orient="split")
        prices = pd.concat([history, posted]).drop_duplicates("Date", keep="last").sort_values("Date")
        features = build_features(prices.set_index("Date")).loc[posted["Date"]]
        predictions = model.predict(scaler.transform(features.to_numpy()))
        return jsonify(y_pred=predictions.tolist())

    @app.get("/ready")
    def get_ready() -> Response:
        return jsonify(status="ready")

    return app
