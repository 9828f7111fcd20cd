"""The command `mlserver infer`, which posts the requests in a file."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qa.doors.clients.job import Answers, Job, join, run
from qa.doors.clients.tensors import Tensor, make_tensors, read_metadata

FORMS = {
    "JSON, a row each": (),
    "JSON, 50 rows each": ("--batch-size", "50"),
    "binary, 50 rows each": ("--batch-size", "50", "--binary-data"),
}
TIMEOUT_S = 120.0


def ask(job: Job) -> Answers:
    """Post each row as a request of its own, and as micro-batches of 50."""
    metadata = read_metadata(job)
    items = Path(job.folder, "items.jsonl")
    items.write_text("".join(json.dumps(item) + "\n" for item in write_items(job, metadata)))
    answers = Answers(version("mlserver"))
    for form, options in FORMS.items():
        batch = int(options[1]) if "--batch-size" in options else 1
        answers.add(form, infer(job, items, options), -(-len(job.rows) // batch))
    return answers


def write_items(job: Job, metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a request for each row, whose id is its number; a missing number is null."""
    tensors = make_tensors(job, metadata)
    outputs = [{"name": output["name"]} for output in metadata["outputs"]]
    items = []
    for row in range(len(job.rows)):
        inputs = [
            {"name": each.name, "datatype": each.datatype, "shape": [1, *each.shape[1:]], "data": [cell(each, row)]}
            for each in tensors
        ]
        items.append({"id": str(row), "inputs": inputs, "outputs": outputs})
    return items


def cell(tensor: Tensor, row: int) -> object:
    """Return one cell as JSON has it."""
    value = tensor.values.ravel()[row]
    plain = value.item() if hasattr(value, "item") else value
    return None if plain != plain else plain  # noqa: PLR0124 -- NaN


def infer(job: Job, items: Path, options: tuple[str, ...]) -> dict[str, list[object]]:
    """Return what the command wrote, in the order of the rows; raise ValueError with the first error that it wrote."""
    written = Path(job.folder, "answers.jsonl")
    headers = [f"--request-headers={name}:{value}" for name, value in job.headers.items()]
    command = [str(Path(sys.executable).parent / "mlserver"), "infer", "-u", job.address, "-m", job.model]
    command += ["-i", str(items), "-o", str(written), *headers, *options]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)  # noqa: S603
    answers = [json.loads(line) for line in written.read_text().splitlines()]
    if failed := [answer["error"] for answer in answers if "error" in answer]:
        raise ValueError(f"{len(failed)} of {len(answers)} rows failed, the first with {failed[0]}")
    answers.sort(key=lambda answer: int(answer["parameters"]["batch_index"]))
    outputs = [{output["name"]: output["data"] for output in answer["outputs"]} for answer in answers]
    return join(outputs)


if __name__ == "__main__":
    run(ask)
