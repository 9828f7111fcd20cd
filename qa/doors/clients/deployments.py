"""MLflow's deployment client, pointed at the service by its URL; it asks for a model by name."""

from importlib.metadata import version

from mlflow.deployments import get_deploy_client

from qa.doors.clients.job import Answers, Job, Outputs, join, run, take_outputs


def ask(job: Job) -> Answers:
    """Post all rows, the rows in parts, and records. The client itself refuses NaN, so a missing number is null."""
    client = get_deploy_client(f"http://{job.key}:@{job.address}" if job.key else job.url)
    answers = Answers(version("mlflow"))

    def predict(inputs: dict[str, object]) -> Outputs:
        return take_outputs(client.predict(endpoint=job.model, inputs=inputs)["predictions"])

    parts = [predict({"dataframe_split": {"columns": job.columns, "data": part.rows}}) for part in job.parts()]
    answers.add("dataframe_split", predict({"dataframe_split": {"columns": job.columns, "data": job.rows}}))
    answers.add("dataframe_split of 100 rows", join(parts), len(parts))
    answers.add("dataframe_records", predict({"dataframe_records": job.records}))
    return answers


if __name__ == "__main__":
    run(ask)
