"""The files of examples/compose and examples/ec2, and nginx with them; only addresses, ports and paths are others."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from qa.errors import RunFailed
from qa.nginx.proxy import MAIN, start_nginx
from qa.servers import ROOT, Server, find_free_port

COMPOSE_FILE = ROOT / "examples" / "compose" / "compose.yaml"
USER_DATA = ROOT / "examples" / "ec2" / "user-data.yaml"
OF_NGINX = "/etc/nginx/"
SHARED = ("lockstep/http.conf", "lockstep/server.conf")
"""What both examples hold."""


@dataclass(frozen=True)
class Example:
    """nginx's files by their names in /etc/nginx; its address, that of the service and its own folders in them."""

    name: str
    files: Mapping[str, str]
    listen: str
    service: str
    written: tuple[str, ...]


def read_compose_example() -> Example:
    """Return the files that compose.yaml mounts."""
    folder = COMPOSE_FILE.parent
    files = {name: (folder / name).read_text() for name in ("nginx.conf", *SHARED)}
    return Example("examples/compose", files, "listen 8080;", "server app:5000;", ("/tmp/",))  # noqa: S108 -- as it says


def read_machine_example() -> Example:
    """Return the files that the user data writes, and a nginx.conf that includes conf.d as Debian's does."""
    files = {path.removeprefix(OF_NGINX): text for path, text in read_user_data().items() if path.startswith(OF_NGINX)}
    main = MAIN.format(folder="FOLDER", http="include conf.d/*.conf;")
    return Example(
        "examples/ec2",
        {"nginx.conf": main, **files},
        "listen 80;",
        "server 127.0.0.1:5000;",
        ("FOLDER/", "/var/log/nginx/"),
    )


def read_user_data() -> dict[str, str]:
    """Return the files that the user data writes, by their paths."""
    return {file["path"]: file["content"] for file in yaml.safe_load(USER_DATA.read_text())["write_files"]}


@contextmanager
def run_example(example: Example, service_port: int, changed: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run nginx as in an example inside a `with` block; `changed` holds other texts for some of the files."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), find_free_port()
        replaced = {
            example.listen: f"listen 127.0.0.1:{port};",
            example.service: f"server 127.0.0.1:{service_port};",
            **dict.fromkeys(example.written, f"{folder}/"),
            **(changed or {}),
        }
        write_files(example, folder, replaced)
        with start_nginx(folder, port) as server:
            yield server


def write_files(example: Example, folder: Path, replaced: Mapping[str, str]) -> None:
    """Write nginx's files into a folder with some texts replaced; raise `RunFailed` if one of those is not there."""
    if lost := [old for old in replaced if not any(old in text for text in example.files.values())]:
        raise RunFailed(f"{example.name} has no {' and no '.join(map(repr, lost))}")
    for name, text in example.files.items():
        for old, new in replaced.items():
            text = text.replace(old, new)  # noqa: PLW2901 -- one after the other
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
