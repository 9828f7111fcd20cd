"""nginx in front of a service, both on loopback, its files in a folder of its own."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import RunFailed
from qa.servers import App, Server, find_free_port

INSTALL = "apt-get install nginx-light (Debian, Ubuntu) or brew install nginx (macOS)"
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
CONFIG = """
daemon off;
user {user} {group};
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
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{service};
            {directives}
        }}
    }}
}}
"""
PLAIN = ""
"""nginx's defaults: HTTP/1.0, and a Host header that names the address of the service."""
HOST = "proxy_set_header Host $host;"
USUAL = """proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;"""
"""What docs/deploy.md shows."""
NAMELESS = "proxy_set_header X-Forwarded-For unknown;"
"""A proxy that hides its callers' addresses."""


def find_nginx() -> str:
    """Return the path of nginx; raise `RunFailed` with what installs it."""
    found = shutil.which("nginx", path=SEARCHED)
    if not found:
        raise RunFailed(f"nginx is not installed; {INSTALL}")
    return found


@contextmanager
def run_nginx(nginx: str, folder: Path, service_port: int, directives: str) -> Iterator[Server]:
    """Run nginx in front of a service inside a `with` block."""
    port = find_free_port()
    config = folder / "nginx.conf"
    user, group = (
        pwd.getpwuid(os.getuid()).pw_name,
        grp.getgrgid(os.getgid()).gr_name,
    )  # else one who cannot write there
    names = {"user": user, "group": group, "folder": folder, "port": port, "service": service_port}
    config.write_text(CONFIG.format(**names, directives=directives))
    app = App("nginx", (nginx, "-p", str(folder), "-e", "stderr", "-c", str(config)), probe="")
    with Server(app, folder / "log", port) as server:
        server.wait_until_ready()
        yield server
