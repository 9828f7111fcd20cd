"""Who asks: every client and server of others, its environment, and the door that it goes through."""

import re
from dataclasses import dataclass

from qa.doors.subjects import FLATS
from qa.servers import ROOT

LOCKS = ROOT / "requirements" / "doors"
ENVIRONMENTS = ROOT / ".venv-doors"
SERIES, IRIS, CANCER, SENTIMENT = "msft", "iris", "breast-cancer", "sentiment"


@dataclass(frozen=True)
class Client:
    """A client of somebody else: the package it is in, its environment and module, the routes and the models it asks.

    With the models `with_key` it is also tried on a service that has keys. One that `has_null` posts rows whose texts
    have gaps. One that `asks` nothing reads files alone.
    """

    name: str
    package: str
    environment: str
    module: str
    door: str
    routes: tuple[str, ...]
    models: tuple[str, ...]
    with_key: tuple[str, ...] = (IRIS,)
    has_null: bool = False
    asks: bool = True

    @property
    def version(self) -> str:
        """Return the locked version of the package."""
        return read_version(self.environment, self.package)


INFER = ("POST /v2/models/{model}/infer",)
HEALTH = ("GET /v2/health/live", "GET /v2/health/ready", "GET /v2/models/{model}/ready")
CLIENTS = (
    Client(
        "ScoringServerClient",
        *("mlflow", "mlflow", "scoring_server", "mlflow"),
        routes=("GET /ping", "POST /invocations"),
        models=(SERIES, FLATS, IRIS, CANCER, SENTIMENT),
        has_null=True,
    ),
    Client(
        "mlflow.deployments",
        *("mlflow", "mlflow", "deployments", "mlflow"),
        routes=("POST /endpoints/{model}/invocations",),
        models=(SERIES, FLATS, IRIS),
        has_null=True,
    ),
    Client(
        "DataFrame.to_csv, requests",
        *("pandas", "mlflow", "pandas_csv", "mlflow"),
        routes=("POST /endpoints/{model}/invocations",),
        models=(SERIES, FLATS, IRIS, SENTIMENT),
        has_null=True,
    ),
    Client(
        "tritonclient.http",
        *("tritonclient", "oip", "triton", "oip"),
        routes=(
            "GET /v2",
            *HEALTH,
            "GET /v2/models/{model}",
            *INFER,
            "POST /v2/models/{model}/versions/{version}/infer",
        ),
        models=(SERIES, FLATS, IRIS, CANCER, SENTIMENT),
    ),
    Client(
        "InferenceRESTClient",
        *("kserve", "oip", "kserve_rest", "oip"),
        routes=(*HEALTH, *INFER),
        models=(SERIES, FLATS, IRIS),
    ),
    Client(
        "mlserver infer",
        *("mlserver", "mlserver", "mlserver_infer", "oip"),
        routes=INFER,
        models=(SERIES, FLATS, IRIS),
    ),
    Client(
        "azure-ai-ml",
        *("azure-ai-ml", "azure", "azure_files", "azure"),
        routes=("examples/azure",),
        models=(CANCER,),
        with_key=(),
        asks=False,
    ),
)


def read_version(environment: str, package: str) -> str:
    """Return the version of a package that the lock of an environment pins."""
    pinned = (LOCKS / f"{environment}.txt").read_text()
    found = re.search(rf"^{re.escape(package)}(?:\[[^\]]*\])?==(\S+)", pinned, re.MULTILINE)
    if not found:
        raise LookupError(f"{environment}.txt does not pin {package}")
    return found[1]
