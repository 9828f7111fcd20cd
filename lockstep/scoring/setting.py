"""What a setting is: the variable that holds it, how its text is read, its default, and what it means.

A dataclass of settings declares each as `name: type = declare(…)`. The reader, the list of known variables and the
documents' table are made from those declarations.
"""

import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from lockstep.errors import LockstepError

PREFIX = "LOCKSTEP_"
MAX_SHOWN_CHARACTERS = 40
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
DECLARED = "declared"
NONE: Mapping[str, str] = MappingProxyType({})
T = TypeVar("T")


class SettingsError(LockstepError):
    """A refusal of a setting, naming its variable and what was expected."""


@dataclass(frozen=True)
class Setting:
    """The declaration of one setting.

    `parse` turns a text that is not empty into the value, or raises ValueError with what it expected. `shown_default`
    is what the documents show if the default itself depends on the machine. The text of a secret is never repeated.
    `former_names` are variables that held it once: each is refused with the new name.
    """

    variable: str
    parse: Callable[[str], Any]
    help: str
    shown_default: str | None = None
    is_secret: bool = False
    former_names: tuple[str, ...] = ()

    def read(self, text: str) -> object:
        """Return the value; raise `SettingsError`."""
        try:
            return self.parse(text)
        except ValueError as error:
            shown = ":" if self.is_secret else f" is {text[:MAX_SHOWN_CHARACTERS]!r};"
            raise SettingsError(f"{self.variable}{shown} {error}") from error


def declare(default: T, setting: Setting) -> T:
    """Return the field of a dataclass that holds a setting."""
    return dataclasses.field(default_factory=lambda: default, repr=not setting.is_secret, metadata={DECLARED: setting})


def list_settings(settings: type) -> Iterator[tuple[str, Setting]]:
    """Yield each field's name and declaration, in the order declared."""
    for field in dataclasses.fields(settings):
        yield field.name, field.metadata[DECLARED]


def read_declared(
    settings: Callable[..., T],
    environ: Mapping[str, str],
    beside: tuple[Setting, ...] = (),
    removed: Mapping[str, str] = NONE,
) -> T:
    """Return the settings in the environment; a variable that is not set, or empty, gives the default.

    `beside` are variables that other programs read; `removed` are settings that are gone, and why. Raises
    `SettingsError` for a value that makes no sense, for a variable that has a new name or is gone, and for an unknown
    one that begins `LOCKSTEP_`.
    """
    declared = dict(list_settings(settings))  # type: ignore[arg-type] # a dataclass, which is a callable as well
    _refuse_removed(environ, removed)
    _refuse_unknown(environ, (*declared.values(), *beside))
    return settings(
        **{name: setting.read(text) for name, setting in declared.items() if (text := environ.get(setting.variable))}
    )


def _refuse_removed(environ: Mapping[str, str], removed: Mapping[str, str]) -> None:
    for variable in sorted(environ.keys() & removed.keys()):
        raise SettingsError(f"{variable} is no longer a setting: {removed[variable]}; unset it")


def _refuse_unknown(environ: Mapping[str, str], settings: tuple[Setting, ...]) -> None:
    known = {setting.variable for setting in settings}
    renamed = {former: setting for setting in settings for former in setting.former_names}
    for variable in sorted(environ):
        if variable in renamed:
            setting = renamed[variable]
            raise SettingsError(f"{variable} is called {setting.variable} now, and takes {setting.help}")
        if variable.startswith(PREFIX) and variable not in known:
            names = ", ".join(sorted(name for name in known if name.startswith(PREFIX)))
            raise SettingsError(f"unknown variable {variable}; known are {names}")


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Return the reader of a whole number within both limits."""

    def parse(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(highest))
        if not (is_number and lowest <= int(text) <= highest):
            raise ValueError(f"expected a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def one_of(choices: Mapping[str, T]) -> Callable[[str], T]:
    """Return the reader of one of some words, each with its value."""

    def parse(text: str) -> T:
        if text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return choices[text]

    return parse


def parse_folders(text: str) -> tuple[Path, ...]:
    """Return the folders in `a:b`; raise ValueError."""
    folders = tuple(Path(folder) for folder in text.split(os.pathsep) if folder)
    if not folders:
        raise ValueError(f"expected folders, separated by {os.pathsep}")
    return folders


def parse_origins(text: str) -> tuple[str, ...]:
    """Return the origins in `https://a.example, https://b.example`; raise ValueError."""
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    if not all(map(ORIGIN.fullmatch, origins)):
        raise ValueError("expected origins like https://example.org, separated by commas")
    return origins
