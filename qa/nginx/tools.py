"""The programs of others that are tried here, each with what installs it."""

import os
import shutil
from dataclasses import dataclass

from qa.errors import ToolMissing
from qa.servers import ROOT

SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
COMPOSE_FOLDER = ROOT / ".venv-doors" / "compose" / "bin"


@dataclass(frozen=True)
class Tool:
    """A program, and where it is looked for if that is no usual place."""

    name: str
    install: str
    folder: str = ""

    def find(self) -> str:
        """Return its path; raise `ToolMissing` with what installs it."""
        found = shutil.which(self.name, path=self.folder or SEARCHED)
        if not found:
            raise ToolMissing(f"{self.name} is not installed; {self.install}")
        return found


NGINX = Tool("nginx", "apt-get install nginx-light (Debian, Ubuntu) or brew install nginx (macOS)")
CLOUD_INIT = Tool("cloud-init", "apt-get install cloud-init (Debian, Ubuntu)")
SYSTEMD = Tool("systemd-analyze", "apt-get install systemd (Debian, Ubuntu)")
COMPOSE = Tool("docker-compose", "make .venv-doors/compose/.installed", str(COMPOSE_FOLDER))
DOCKER = Tool("docker", "apt-get install docker.io (Debian, Ubuntu); no engine has to run")
