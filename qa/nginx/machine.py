"""The user data of examples/ec2, by cloud-init and systemd themselves."""

import json
import re
import stat
import subprocess
import tempfile
from pathlib import Path

import yaml

from qa.nginx.examples import USER_DATA, read_user_data
from qa.nginx.tools import CLOUD_INIT, SYSTEMD
from qa.servers import ROOT, TIMEOUT_S

MOST_EXPOSED = 3.0
"""On systemd's scale from 0, safe, to 10."""
MOST_BYTES = 16 * 1024
"""What EC2 takes as user data."""
README = USER_DATA.parent / "README.md"
KEYS = Path("/etc/lockstep/keys")
UNIT = "/etc/systemd/system/lockstep.service"
OTHER_UNITS = ("docker.service", "network-online.target", "multi-user.target", "sysinit.target", "basic.target",
               "shutdown.target")  # fmt: skip
"""Those that the unit names, and those that every unit needs."""
KNOWN_KEYS = """
import json
from cloudinit.config.schema import get_schema
schema = get_schema()
print(json.dumps([key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", ())]))
"""


def accept_user_data() -> list[str]:
    """Show that cloud-init knows all of the user data, that EC2 takes it, and that no key is in it."""
    text = USER_DATA.read_text()
    [schema, *_] = read_commands()
    broken = _run(CLOUD_INIT.find(), *schema.split()[1:], expected="Valid ")
    python = Path(CLOUD_INIT.find()).read_text().splitlines()[0].removeprefix("#!")
    known = subprocess.run([python, "-c", KNOWN_KEYS], capture_output=True, check=True, timeout=TIMEOUT_S).stdout  # noqa: S603 -- cloud-init's own Python
    if unknown := sorted(set(yaml.safe_load(text)) - set(json.loads(known))):
        broken.append(f"cloud-init knows no {', '.join(unknown)}")
    if len(text.encode()) > MOST_BYTES:
        broken.append(f"{len(text.encode())} bytes, more than {MOST_BYTES}")
    return broken + [f"holds a key: {found}" for found in re.findall(r"LOCKSTEP_API_KEYS[=:]\s*\S+", text)]


def keep_the_key() -> list[str]:
    """Show that the README of examples/ec2 writes the key where the unit reads it, for root alone."""
    [_, write, restart] = read_commands()
    unit = read_user_data()[UNIT]
    with tempfile.TemporaryDirectory() as name:
        command = write.replace("sudo ", "").replace(f"{KEYS.parent}/", f"{name}/")
        broken = _run("sh", "-c", command, expected="")
        written = Path(name) / KEYS.name
        if not written.exists() or stat.S_IMODE(written.stat().st_mode) != stat.S_IRUSR | stat.S_IWUSR:
            return [*broken, f"{KEYS} is not a file that its owner alone reads"]
        if not written.read_text().startswith("LOCKSTEP_API_KEYS="):
            broken.append(f"{KEYS} holds {written.read_text()!r}")
    if f"EnvironmentFile={KEYS}\n" not in unit or restart.split()[-1] != Path(UNIT).stem:
        broken.append(f"the unit does not read {KEYS}, or another one is restarted")
    return broken


def read_commands() -> list[str]:
    """Return the commands that the README shows."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


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
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 -- as above
    printed = ended.stdout + ended.stderr
    if ended.returncode == 0 and (expected in printed if expected else not printed):
        return []
    return [f"{Path(command[0]).name} {command[1]}: {line}" for line in printed.strip().splitlines()[-8:]] or ["failed"]
