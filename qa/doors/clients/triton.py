"""Triton's HTTP client: JSON and binary tensors, in and out."""

import itertools
from importlib.metadata import version

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult

from qa.doors.clients.job import Answers, Job, join, run
from qa.doors.clients.tensors import Tensor, flatten, make_tensors

FORMS = {True: "binary", False: "JSON"}


def ask(job: Job) -> Answers:
    """Ask for health and metadata, then infer with every mixture of JSON and binary, and by the client's defaults."""
    client = InferenceServerClient(job.address, network_timeout=60.0)
    answers = Answers(version("tritonclient"))
    answers.expect("is_server_live", client.is_server_live(), True)
    answers.expect("is_server_ready", client.is_server_ready(), True)
    answers.expect("is_model_ready", client.is_model_ready(job.model), True)
    answers.expect("is_model_ready", client.is_model_ready(job.model, "1"), True)
    answers.expect("extensions", "binary_tensor_data" in client.get_server_metadata()["extensions"], True)
    metadata = client.get_model_metadata(job.model)
    answers.expect("get_model_metadata", metadata["name"], job.model)
    names = [output["name"] for output in metadata["outputs"]]

    def infer(part: Job, binary_in: bool, **options: object) -> dict[str, list[object]]:
        inputs = [make_input(tensor, binary_in) for tensor in make_tensors(part, metadata)]
        return take(client.infer(job.model, inputs, headers=job.headers or None, **options), names)

    for binary_in, binary_out in itertools.product(FORMS, FORMS):
        wanted = [InferRequestedOutput(name, binary_data=binary_out) for name in names]
        form = f"{FORMS[binary_in]} in, {FORMS[binary_out]} out"
        answers.add(form, infer(job, binary_in, outputs=wanted))
    answers.add("JSON in, defaults out", infer(job, False))
    parts = [infer(part, True) for part in job.parts()]
    answers.add("defaults, 100 rows each", join(parts), len(parts))
    if job.is_numeric:
        rows = np.array(job.rows, np.float64)
        matrix = make_input(Tensor("rows", "FP64", rows), True)
        answers.add("a matrix", take(client.infer(job.model, [matrix], headers=job.headers or None), names))
    answers.add("a version and an id", infer(job, True, model_version="1", request_id="doors"))
    return answers


def make_input(tensor: Tensor, is_binary: bool) -> InferInput:
    """Return a tensor as the client posts it."""
    made = InferInput(tensor.name, tensor.shape, tensor.datatype)
    return made.set_data_from_numpy(tensor.values, binary_data=is_binary)


def take(result: InferResult, names: list[str]) -> dict[str, list[object]]:
    """Return the outputs of an answer."""
    return {name: flatten(result.as_numpy(name)) for name in names}


if __name__ == "__main__":
    run(ask)
