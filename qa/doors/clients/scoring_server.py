"""MLflow's `ScoringServerClient`, as `mlflow.pyfunc.scoring_server.client` has it."""

from importlib.metadata import version

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

from qa.doors.clients.job import Answers, Job, join, run, take_outputs


def ask(job: Job) -> Answers:
    """Post a frame, its rows in parts, a list of records, and what else fits the columns."""
    host, port = job.address.split(":")
    # it cannot send headers, but the user part of a URL becomes one; requests wants the colon
    client = ScoringServerClient(f"{job.key}:@{host}" if job.key else host, port)
    answers = Answers(version("mlflow"))
    answers.expect("wait_server_ready", client.wait_server_ready(), None)
    answers.expect("ping", client.ping(), None)
    frame = make_frame(job)
    answers.add("DataFrame", take_outputs(client.invoke(frame)["predictions"]))
    parts = [take_outputs(client.invoke(make_frame(part))["predictions"]) for part in job.parts()]
    answers.add("DataFrames of 100 rows", join(parts), len(parts))
    answers.add("list of records", take_outputs(client.invoke(job.records)["predictions"]))
    if job.is_numeric:
        answers.add("ndarray", take_outputs(client.invoke(frame.to_numpy(np.float64))["predictions"]))
    if "date" in job.types:
        dated = frame.assign(date=pd.to_datetime(frame["date"]))
        answers.add("DataFrame with timestamps", take_outputs(client.invoke(dated)["predictions"]))
        answers.add("DataFrame by timestamp", take_outputs(client.invoke(dated.set_index("date"))["predictions"]))
    return answers


def make_frame(job: Job) -> pd.DataFrame:
    """Return the rows as a frame; pandas reads a missing number as NaN."""
    return pd.DataFrame(job.rows, columns=job.columns)


if __name__ == "__main__":
    run(ask)
