"""A frame as `DataFrame.to_csv` writes it, posted by requests, as callers of a SageMaker endpoint do."""

import csv
import io
from importlib.metadata import version

import pandas as pd
import requests

from qa.doors.clients.job import Answers, Job, run, take_outputs

TIMEOUT_S = 60.0


def ask(job: Job) -> Answers:
    """Post CSV and take JSON, then post CSV and take CSV."""
    answers = Answers(version("pandas"))
    body = pd.DataFrame(job.rows, columns=job.columns).to_csv(index=False)
    answers.add("CSV in, JSON out", take_outputs(post(job, body, "application/json").json()["predictions"]))
    lines = [line for [line] in csv.reader(io.StringIO(post(job, body, "text/csv").text))]
    answers.add("CSV in, CSV out", {"prediction": [read_cell(line) for line in lines]})
    return answers


def post(job: Job, body: str, accepted: str) -> requests.Response:
    """Return the answer to a body of CSV; raise for a status that is no success."""
    headers = {"Content-Type": "text/csv", "Accept": accepted, **job.headers}
    response = requests.post(
        f"{job.url}/endpoints/{job.model}/invocations", body.encode(), headers=headers, timeout=TIMEOUT_S
    )
    response.raise_for_status()
    return response


def read_cell(text: str) -> float | str:
    """Return a cell of CSV as a number if it is one."""
    try:
        return float(text)
    except ValueError:
        return text


if __name__ == "__main__":
    run(ask)
