"""The user data of examples/ec2, by cloud-init and systemd themselves."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import yaml

from qa.nginx.examples import USER_DATA, read_user_data
from qa.nginx.tools import CLOUD_INIT, SYSTEMD
from qa.servers import TIMEOUT_S

MOST_EXPOSED = 3.0
"""On systemd's scale from 0, safe, to 10."""
MOST_BYTES = 16 * 1024
"""What EC2 takes as user data."""
UNIT = "/etc/systemd/system/lockstep.service"
OTHER_UNITS = ("docker.service", "network-online.target", "multi-user.target", "sysinit.target", "basic.target",
               "shutdown.target")  # fmt: skip
"""Those that the unit names, and those that every unit needs."""
OTHER_SERVICE = "[Service]\nExecStart=/usr/bin/docker\n"
KNOWN_KEYS = """
import json
from cloudinit.config.schema import get_schema
schema = get_schema()
print(json.dumps([key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", ())]))
"""


def accept_user_data() -> list[str]:
    """Show that cloud-init knows all of the user data, that EC2 takes it, and that no key is in it."""
    text = USER_DATA.read_text()
    broken = _run(CLOUD_INIT.find(), "schema", "--config-file", str(USER_DATA), expected="Valid cloud-config")
    python = Path(CLOUD_INIT.find()).read_text().splitlines()[0].removeprefix("#!")
    known = subprocess.run([python, "-c", KNOWN_KEYS], capture_output=True, check=True, timeout=TIMEOUT_S).stdout  # noqa: S603 -- cloud-init's own Python
    if unknown := sorted(set(yaml.safe_load(text)) - set(json.loads(known))):
        broken.append(f"cloud-init knows no {', '.join(unknown)}")
    if len(text.encode()) > MOST_BYTES:
        broken.append(f"{len(text.encode())} bytes, more than {MOST_BYTES}")
    return broken + [f"holds a key: {found}" for found in re.findall(r"LOCKSTEP_API_KEYS[=:]\s*\S+", text)]


def accept_unit() -> list[str]:
    """Show that systemd knows all of the unit, and that its exposure is at most 3."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        docker, units = root / "usr" / "bin" / "docker", (root / UNIT[1:]).parent
        for folder in (docker.parent, units):
            folder.mkdir(parents=True)
        docker.touch(mode=0o755)
        for unit in OTHER_UNITS:
            (units / unit).write_text(
                "[Service]\nExecStart=/usr/bin/docker\n" if unit.endswith(".service") else "[Unit]\n"
            )
        (root / UNIT[1:]).write_text(read_user_data()[UNIT])
        systemd, path = SYSTEMD.find(), Path(UNIT).name
        return [
            *_run(systemd, "verify", f"--root={root}", "--man=no", path, expected=""),
            *_run(systemd, "security", f"--root={root}", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", path,
                  expected="Overall exposure level"),
        ]  # fmt: skip


def _run(*command: str, expected: str) -> list[str]:
    """Return what a command printed unless it ended well and printed what is expected; nothing means nothing at all."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 -- as above
    printed = ended.stdout + ended.stderr
    if ended.returncode == 0 and (expected in printed if expected else not printed):
        return []
    return [f"{Path(command[0]).name} {command[1]}: {line}" for line in printed.strip().splitlines()[-8:]] or ["failed"]
