"""serve.yaml and the schema beside the library, against the Ray that is installed."""

import subprocess

import yaml

from lockstep.runtimes.ray.schema import SCHEMA
from qa.ray.head import ENVIRONMENT, INSTALL
from qa.ray.service import FRONT, IMPORT_PATH, LOGGING
from qa.servers import ROOT, TIMEOUT_S, make_environ

PYTHON = ENVIRONMENT / "bin" / "python"


def keep_schema() -> list[str]:
    """Show that the schema that `lockstep ray check` reads is Ray's."""
    written = _run("qa/ray/schema.py")
    if written == SCHEMA.read_text():
        return []
    return [f"it is another one; {INSTALL} && {PYTHON.relative_to(ROOT)} qa/ray/schema.py > {SCHEMA.relative_to(ROOT)}"]


def take_serve_yaml() -> list[str]:
    """Show that Ray itself takes serve.yaml, which says what is tried here."""
    said = _run("-P", "-m", "lockstep.runtimes.ray", "serve.yaml")
    config = yaml.safe_load((ROOT / "serve.yaml").read_text())
    tried = (config["applications"][0]["import_path"], config["logging_config"])
    front = config["controller_options"]["runtime_env"]["env_vars"]
    return [] if "takes every key" in said and (*tried, front) == (IMPORT_PATH, LOGGING, FRONT) else [said]


PROMISES = (keep_schema, take_serve_yaml)


def _run(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 -- our own commands
        [PYTHON, *arguments], cwd=ROOT, env=make_environ({"PYTHONPATH": str(ROOT)}), capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode else done.stdout
