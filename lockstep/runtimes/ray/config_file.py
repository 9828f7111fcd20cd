"""A config of Serve as its file says it: the values, and the line of each."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lockstep.errors import LockstepError

Place = tuple[str | int, ...]
"""Where something stands: the keys and positions that lead to it."""


MAX_VALUES = 10_000
"""Far more than any config has. An alias stands for all that it names, so a file of 1 kB could hold a billion."""


class InvalidConfig(LockstepError):
    """A refusal of a file that is no YAML, or whose values are too many or too deep."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a config, and where."""

    place: Place
    reason: str


@dataclass
class ConfigFile:
    """The values of a file, the line of each, and what is wrong with the file itself."""

    values: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def describe(self, fault: Fault) -> str:
        """Return the line of a fault, its place, and the reason; what does not print in a key is escaped."""
        place = fault.place
        while place not in self.lines:
            place = place[:-1]
        line = f"line {self.lines[place]}: {write_place(fault.place)}: {fault.reason}"
        return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def read_config(path: Path) -> ConfigFile:
    """Return what a file says; raise `InvalidConfig` if it is no YAML, OSError if it cannot be read."""
    content, read = path.read_bytes(), ConfigFile(lines={(): 1})
    try:
        loader = yaml.SafeLoader(content.decode())
        node = loader.get_single_node()
        if node is not None:
            read.values = _read_node(loader, node, (), read)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidConfig(f"{path} is no YAML: {error}") from error
    except ValueError as error:  # a date or a number that is none, or too many values
        raise InvalidConfig(f"{path} is no config: {error}") from error
    except RecursionError as error:
        raise InvalidConfig(f"{path} is no config: an alias is within its own anchor, or it nests too deep") from error
    return read


def _read_node(loader: Any, node: Any, place: Place, read: ConfigFile) -> Any:
    """Return the value of a node; note its line, and the keys that are there twice: YAML keeps the last."""
    read.lines[place] = node.start_mark.line + 1
    if len(read.lines) > MAX_VALUES:
        raise ValueError(f"line {node.start_mark.line + 1}: more than {MAX_VALUES:,} values, aliases among them")
    if isinstance(node, yaml.SequenceNode):
        return [_read_node(loader, each, (*place, number), read) for number, each in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    loader.flatten_mapping(node)
    values: dict[str, Any] = {}
    for key, value in node.value:
        name = str(loader.construct_object(key, deep=True))
        if name in values:
            read.faults.append(Fault((*place, name), "is there twice"))
        values[name] = _read_node(loader, value, (*place, name), read)
        read.lines[(*place, name)] = key.start_mark.line + 1
    return values


def write_place(place: Place) -> str:
    """Return a place as people write it: `applications[0].name`."""
    parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)
    return "".join(parts).removeprefix(".") or "the file"
