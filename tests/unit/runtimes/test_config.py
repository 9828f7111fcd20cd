"""gunicorn's settings, read in a process of their own: they set up its log and its counters."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from gunicorn.config import Config

from lockstep.runtimes.gunicorn.framing import MOST_HEAD
from lockstep.scoring.kinds import HEADERS_TOO_LARGE, URI_TOO_LONG
from tests.conftest import ROOT

READ = """
import json, pathlib, runpy, sys
from lockstep.runtimes.gunicorn import heartbeat
if sys.argv[2:]:
    heartbeat.SHARED_MEMORY = pathlib.Path(sys.argv[2])
members = runpy.run_path(sys.argv[1])
print(json.dumps({name: value for name, value in members.items() if isinstance(value, (str, int)) and name[0] != "_"}))
"""


def read_config(path: Path, *shared_memory: Path, **environ: str) -> dict[str, object]:
    command = [sys.executable, "-P", "-c", READ, str(path), *map(str, shared_memory)]
    ended = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=30, check=True
    )
    return json.loads(ended.stdout.splitlines()[-1])


def test_the_applications_file_takes_the_settings_of_the_library() -> None:
    read = read_config(ROOT / "backend" / "gunicorn.conf.py", PORT="8000", WEB_CONCURRENCY="3")
    assert (read["bind"], read["workers"], read["preload_app"]) == ("127.0.0.1:8000", 3, True)
    library = read_config(ROOT / "lockstep/runtimes/gunicorn/config.py", PORT="8000", WEB_CONCURRENCY="3")
    assert read.items() <= library.items()


def test_a_user_may_replace_one_of_them(tmp_path: Path) -> None:
    shown = (ROOT / "backend" / "gunicorn.conf.py").read_text()
    (tmp_path / "gunicorn.conf.py").write_text(f"{shown}\ntimeout = 60\n")
    assert read_config(tmp_path / "gunicorn.conf.py")["timeout"] == 60


def test_heartbeat_files_go_into_shared_memory_only_if_there_is_any(tmp_path: Path) -> None:
    """gunicorn does not start if the folder is missing, as it is on macOS."""
    config = ROOT / "lockstep/runtimes/gunicorn/config.py"
    assert read_config(config, tmp_path)["worker_tmp_dir"] == str(tmp_path)
    assert read_config(config, tmp_path / "missing")["worker_tmp_dir"] == tempfile.gettempdir()


def test_the_limits_that_callers_read_are_gunicorns() -> None:
    read, of_gunicorn = read_config(ROOT / "lockstep/runtimes/gunicorn/config.py"), Config()
    limits = {
        "limit_request_line": URI_TOO_LONG.when,
        "limit_request_fields": HEADERS_TOO_LARGE.when,
        "limit_request_field_size": HEADERS_TOO_LARGE.when,
    }
    for name, shown in limits.items():
        assert f"more than {read.get(name, getattr(of_gunicorn, name))} " in shown.replace("one of more", "more")
    assert HEADERS_TOO_LARGE.when.endswith(f"all of more than {MOST_HEAD}")
