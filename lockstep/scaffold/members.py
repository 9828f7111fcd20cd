"""The files that make up the packaged application; the build hook and `lockstep init` copy exactly these.

The build hook runs this file by its path, before the library can be imported: it imports the standard library alone.
"""

from pathlib import Path

MEMBERS = (
    ".dockerignore",
    "Dockerfile.sagemaker",
    "Dockerfile.web",
    "app.json",
    "backend",
    "heroku.yml",
    "lockstep.toml",
    "models/msft",
    "preprocessing",
    "requirements/local.txt",
    "requirements/web.txt",
    "serve.yaml",
    "split.yaml",
    "tests/test_application.py",
)
"""Files and folders, relative to the application's folder."""


def list_members(folder: Path) -> list[str]:
    """Return the packaged application's files in `folder`, relative, sorted, with forward slashes.

    Caches of Python are left out. Raises FileNotFoundError naming a member that is missing.
    """
    found = []
    for member in MEMBERS:
        path = folder / member
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing; the packaged application has it")
        found += [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in found if "__pycache__" not in path.parts)
