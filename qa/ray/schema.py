"""What Ray's own schema of a config of Serve says, as lockstep/runtimes/ray/serve_schema.json keeps it.

`.venv-ray/bin/python qa/ray/schema.py` prints it: keys, types and limits, without descriptions and defaults.
"""

import json
import sys
from typing import Any

NAMED = ("properties", "$defs")
"""Members whose keys are names of somebody's, and never words of the schema."""
KEPT = (
    "$defs", "$ref", "additionalProperties", "anyOf", "enum", "exclusiveMinimum", "items", "maximum", "minimum",
    "properties", "required", "type",
)  # fmt: skip
RUNTIME_ENV, ANYTHING = "RuntimeEnv", {"additionalProperties": True, "type": "object"}
PRIVATE = "_"


def write_schema() -> str:
    """Return the text of the file, from the Ray of this environment."""
    from ray.runtime_env import RuntimeEnv  # `make ray` runs this file in an environment of its own
    from ray.serve.schema import ServeDeploySchema

    schema = prune(ServeDeploySchema.model_json_schema())
    known = sorted(name for name in RuntimeEnv.known_fields if not name.startswith(PRIVATE))
    names = {"additionalProperties": {"type": "string"}, "type": "object"}
    own = {"properties": {name: names if name == "env_vars" else {} for name in known}, "type": "object"}
    for each in schema["$defs"].values():
        properties = each.get("properties", {})
        if RUNTIME_ENV not in properties and "runtime_env" in properties:
            properties["runtime_env"] = {"$ref": f"#/$defs/{RUNTIME_ENV}"}
    schema["$defs"][RUNTIME_ENV] = own
    return f"{json.dumps(schema, indent=1, sort_keys=True)}\n"


def prune(schema: Any, *, is_named: bool = False) -> Any:
    """Return a schema without what does not decide; of a choice with a described object, no free one."""
    if isinstance(schema, list):
        has_described = any("$ref" in each for each in schema if isinstance(each, dict))
        return [prune(each) for each in schema if not (has_described and each == ANYTHING)]
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if is_named or name in KEPT}
    return {name: prune(value, is_named=name in NAMED and not is_named) for name, value in kept.items()}


if __name__ == "__main__":
    sys.stdout.write(write_schema())
