"""MLflow's `ScoringServerClient`, as `mlflow.pyfunc.scoring_server.client` has it."""

from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

from qa.doors.clients.job import Answers, Job, Outputs, join, run, take_outputs


def ask(job: Job) -> Answers:
    """Post a frame, its rows in parts, a list of records, and what else fits the columns."""
    host, port = job.address.split(":")
    # it cannot send headers, but the user part of a URL becomes one; requests wants the colon
    client = ScoringServerClient(f"{job.key}:@{host}" if job.key else host, port)
    answers = Answers(version("mlflow"))
    answers.expect("wait_server_ready", client.wait_server_ready(), None)
    answers.expect("ping", client.ping(), None)
    params = None if job.is_default else {"model": job.model}

    def invoke(rows: Any) -> Outputs:
        return take_outputs(client.invoke(rows, params)["predictions"])

    frame = make_frame(job)
    answers.add("DataFrame", invoke(frame))
    parts = [invoke(make_frame(part)) for part in job.parts()]
    answers.add("DataFrames of 100 rows", join(parts), len(parts))
    answers.add("list of records", invoke(job.records))
    if job.is_numeric:
        answers.add("ndarray", invoke(frame.to_numpy(np.float64)))
    if "date" in job.types:
        dated = frame.assign(date=pd.to_datetime(frame["date"]))
        answers.add("DataFrame with timestamps", invoke(dated))
        answers.add("DataFrame by timestamp", invoke(dated.set_index("date")))
    return answers


def make_frame(job: Job) -> pd.DataFrame:
    """Return the rows as a frame; pandas reads a missing number as NaN."""
    return pd.DataFrame(job.rows, columns=job.columns)


if __name__ == "__main__":
    run(ask)
