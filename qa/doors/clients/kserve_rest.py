"""KServe's asynchronous REST client, in version 2 of its protocol."""

import asyncio
from importlib.metadata import version
from typing import Any

from kserve import InferenceRESTClient, InferInput, InferRequest, InferResponse, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

from qa.doors.clients.job import Answers, Job, join, run
from qa.doors.clients.tensors import flatten, make_tensors, read_metadata


async def ask(job: Job) -> Answers:
    """Ask for health, then infer with JSON and with binary tensors."""
    answers = Answers(version("kserve"))
    metadata = read_metadata(job)
    names = [output["name"] for output in metadata["outputs"]]
    async with InferenceRESTClient(RESTConfig(protocol="v2", retries=1)) as client:
        answers.expect("is_server_live", await client.is_server_live(job.url), True)
        answers.expect("is_server_ready", await client.is_server_ready(job.url), True)
        answers.expect("is_model_ready", await client.is_model_ready(job.url, job.model), True)
        answers.expect("is_model_ready", await client.is_model_ready(job.url, "no-such-model"), False)

        async def infer(part: Job, binary_in: bool, **options: object) -> dict[str, list[object]]:
            request = InferRequest(job.model, make_inputs(part, metadata, binary_in), **options)
            return take(await client.infer(job.url, request, job.model, dict(job.headers)))

        answers.add("JSON", await infer(job, False))
        answers.add("binary in", await infer(job, True))
        wanted = [RequestedOutput(name, {"binary_data": True}) for name in names]
        answers.add("binary in and out", await infer(job, True, request_outputs=wanted))
        answers.add("binary_data_output", await infer(job, False, parameters={"binary_data_output": True}))
        parts = [await infer(part, False) for part in job.parts()]
        answers.add("JSON, 100 rows each", join(parts), len(parts))
    return answers


def make_inputs(job: Job, metadata: dict[str, Any], is_binary: bool) -> list[InferInput]:
    """Return the tensors as the client posts them."""
    inputs = []
    for tensor in make_tensors(job, metadata):
        made = InferInput(tensor.name, tensor.shape, tensor.datatype)
        made.set_data_from_numpy(tensor.values, binary_data=is_binary)
        inputs.append(made)
    return inputs


def take(response: InferResponse) -> dict[str, list[object]]:
    """Return the outputs of an answer."""
    return {output.name: flatten(output.as_numpy()) for output in response.outputs}


if __name__ == "__main__":
    run(lambda job: asyncio.run(ask(job)))
