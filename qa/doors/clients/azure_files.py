"""Azure ML's own SDK, which loads the files in examples/azure without asking Azure."""

from importlib.metadata import version
from pathlib import Path

from azure.ai.ml import load_environment, load_model, load_online_deployment, load_online_endpoint

from qa.doors.clients.job import Answers, Job, run

FILES = Path(__file__).parents[3] / "examples" / "azure"
ALL_TRAFFIC = 100
KINDS = {
    "model": load_model,
    "environment": load_environment,
    "endpoint": load_online_endpoint,
    "blue": load_online_deployment,
    "green": load_online_deployment,
}


def ask(job: Job) -> Answers:
    """Load every file, which the SDK validates, and see that the files fit each other."""
    answers = Answers(version("azure-ai-ml"))
    loaded = {name: load(source=FILES / f"{name}.yml") for name, load in KINDS.items()}
    endpoint = loaded["endpoint"]
    answers.expect("traffic", sum(endpoint.traffic.values()), ALL_TRAFFIC)
    answers.expect("model", loaded["model"].name, job.model)
    answers.expect("files", {path.stem for path in FILES.glob("*.yml")} - {"conda"}, set(KINDS))
    for deployment in endpoint.traffic:
        answers.expect(deployment, loaded[deployment].endpoint_name, endpoint.name)
        script = (
            FILES / loaded[deployment].code_configuration.code / loaded[deployment].code_configuration.scoring_script
        )
        answers.expect(str(script), script.exists(), True)
    return answers


if __name__ == "__main__":
    run(ask)
