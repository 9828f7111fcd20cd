"""nginx in front of a service, both on loopback, its files in a folder of its own."""

import grp
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.nginx.tools import NGINX
from qa.servers import App, Server, find_free_port

MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""
SERVER = """server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{service};
            {directives}
        }}
    }}"""
PLAIN = "proxy_http_version 1.0;"
"""The defaults of nginx before 1.30, and a Host header that names the address of the service."""
HOST = f"{PLAIN} proxy_set_header Host $host;"
USUAL = """proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;"""
"""What docs/hosting.md shows."""
NAMELESS = "proxy_set_header X-Forwarded-For unknown;"
"""A proxy that hides its callers' addresses."""


@contextmanager
def run_nginx(service_port: int, directives: str) -> Iterator[Server]:
    """Run nginx in front of a service inside a `with` block."""
    port = find_free_port()
    with tempfile.TemporaryDirectory() as name:
        http = SERVER.format(port=port, service=service_port, directives=directives)
        (Path(name) / "nginx.conf").write_text(MAIN.format(folder=name, http=http))
        with start_nginx(Path(name), port) as server:
            yield server


@contextmanager
def start_nginx(folder: Path, port: int) -> Iterator[Server]:
    """Run nginx with the nginx.conf of a folder, which makes it listen on the port, inside a `with` block."""
    with Server(App("nginx", write_command(folder), probe=""), folder / "log", port) as server:
        server.wait_until_ready()
        yield server


def write_command(folder: Path) -> tuple[str, ...]:
    """Return the command that runs nginx in the foreground with the nginx.conf of a folder."""
    # the workers run as this user: nginx would take one who cannot write into the folder
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    directives = f"daemon off; user {user} {group};"
    return NGINX.find(), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", directives
