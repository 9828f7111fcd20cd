"""Take a model that is already fitted from a file: a pickle, a file of joblib, or a folder of MLflow."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lockstep.applications import Application
from lockstep.errors import DigestMismatch, InvalidBundle, TrainingError
from lockstep.training import import_probe
from lockstep.training.import_probe import Answer, Request
from lockstep.training.processes import ProcessFailed, run_apart

ML_MODEL_FILE = "MLmodel"
FLAVOR = re.compile(r"^  sklearn:\n((?:    .*\n?)+)", re.MULTILINE)
MEMBER = re.compile(r"^ +(\w+): *[\"']?([^\"'\n]*)", re.MULTILINE)
FORMATS = ("cloudpickle", "pickle")
ERRORS = {kind: error for error, kind in import_probe.KINDS.items()}


@dataclass(frozen=True)
class ImportedModel:
    """A fitted model from a file: its pickle, written anew, its classes, and the trusted ones of the application."""

    content: bytes
    classes: tuple[str, ...]
    trusted: tuple[str, ...]


@dataclass(frozen=True)
class ModelFile:
    """A file that holds a fitted model: its name, its bytes and their SHA-256."""

    name: str
    content: bytes
    sha256: str


def read_model_file(path: Path) -> ModelFile:
    """Return the file, unread by anything that could run it; raise OSError."""
    content = path.read_bytes()
    return ModelFile(path.name, content, hashlib.sha256(content).hexdigest())


def check_digest(file: ModelFile, expected: str) -> None:
    """Raise `DigestMismatch` unless the file's SHA-256 is `expected`, in hexadecimal digits."""
    if file.sha256 != expected.strip().lower():
        raise DigestMismatch(f"{file.name} has SHA-256 {file.sha256}, not {expected[:80]}; get the file again")


def import_file(file: ModelFile, application: Application | None = None) -> ImportedModel:
    """Return the fitted model in a file, read under the allow-list by a process of its own.

    Classes that the application's lockstep.toml trusts may be in it. Raises `ForbiddenPickle`, `VersionMismatch` for a
    model of another scikit-learn, or `InvalidBundle`.
    """
    request = Request(file.name, file.content, str(application.folder) if application else None)
    try:
        written = run_apart(import_probe.__name__, msgspec.msgpack.encode(request))
    except ProcessFailed as error:
        raise InvalidBundle(f"{file.name} cannot be read: the process that read it ended with {error}") from error
    answer = msgspec.msgpack.decode(written, type=Answer)
    if answer.refused:
        raise ERRORS[answer.kind](answer.refused)
    return ImportedModel(answer.pickle, tuple(answer.classes), tuple(answer.trusted))


def find_mlflow_model(folder: Path) -> Path:
    """Return the pickle of a scikit-learn model that MLflow saved in a local folder.

    Its file `MLmodel` names it. MLflow itself is not needed. Raises `TrainingError`.
    """
    path = folder / ML_MODEL_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{folder} is no model of MLflow: {path.name} cannot be read") from error
    flavor = FLAVOR.search(text)
    members = dict(MEMBER.findall(flavor[1])) if flavor else {}
    if "pickled_model" not in members:
        raise TrainingError(f"{path} describes no scikit-learn model; expected a flavor `sklearn` with `pickled_model`")
    written = members.get("serialization_format", FORMATS[0]).strip()
    if written not in FORMATS:
        raise TrainingError(f"{path}: the model was saved as {written}; save it with serialization_format='pickle'")
    model = (folder / members["pickled_model"].strip()).resolve()
    if not model.is_relative_to(folder.resolve()) or not model.is_file():
        raise TrainingError(f"{path} names {members['pickled_model'].strip()[:80]!r}, which is no file in the folder")
    return model
