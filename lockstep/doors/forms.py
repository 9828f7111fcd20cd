"""The forms that a body may have, as a JSON Schema says them: types alone allow none of them, or two at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Meta

Schema = dict[str, Any]
GIVEN: Schema = {"not": {"type": "null"}}
ABSENT: Schema = {"type": "null"}


class BodyForm(NamedTuple):
    """The members that one form of a body needs, and those that it may have beside those of every form."""

    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()


def describe_forms(*forms: BodyForm) -> Meta:
    """Return what the type of a body lacks: its members are those of exactly one form; null is as none."""
    return Meta(extra_json_schema={"anyOf": [_describe_form(form, forms) for form in forms]})


def _describe_form(form: BodyForm, forms: tuple[BodyForm, ...]) -> Mapping[str, Any]:
    others = {name for each in forms for name in each.needs + each.takes} - {*form.needs, *form.takes}
    members = dict.fromkeys(form.needs, GIVEN) | dict.fromkeys(sorted(others), ABSENT)
    return {"required": list(form.needs), "properties": members}
