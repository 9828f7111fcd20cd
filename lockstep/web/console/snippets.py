"""A request as code to paste: a template for each way to send it, whose slots are ways to write the rows."""

import json
import shlex
from dataclasses import dataclass
from string import Template

from lockstep.distribution import describe_install
from lockstep.doors.door import JSON

KEY = "KEY"
"""What stands in the place of a key."""
END = "JSON"
COLLECTION = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# two templates in one: `$name` is filled below, and `$${slot}` in the browser whenever the request is edited
CLIENT = """\
import pandas as pd

from lockstep.client import Client

$rows_name = pd.DataFrame($${rows}, columns=$${columns}$${index}$${dtype})
with Client($arguments) as client:
    print(client.$method($rows_name$${arguments}))
"""
REQUESTS = """\
import requests

body = $${python}
answer = requests.post("$url", json=body, ${headers}timeout=30)
print(answer.json())
"""
PANDAS = """\
import pandas as pd
import requests

$rows_name = pd.DataFrame($${rows}, columns=$${columns}$${index}$${dtype})
body = {"dataframe_split": $rows_name.to_dict(orient="split")$${members}}
answer = requests.post("$url", json=body, ${headers}timeout=30)
answer.raise_for_status()
print(pd.DataFrame(**answer.json()["$frame_name"]))
"""


@dataclass(frozen=True)
class Target:
    """Where the request goes, and what its rows and its answer are called."""

    service_url: str
    path: str
    method: str
    rows_name: str
    frame_name: str
    has_keys: bool

    @property
    def url(self) -> str:
        """Return the address that is posted to."""
        return self.service_url + self.path


@dataclass(frozen=True)
class Snippet:
    """A way to send the request: what it needs, and its template with slots that the page fills, such as `${json}`."""

    name: str
    title: str
    template: str
    needs: str = ""


def join_curl(url: str, body: str, has_keys: bool) -> str:
    """Return a command that posts a body of JSON.

    The command reads the body from its input, for the length of an argument is bounded.
    """
    headers = [f"Content-Type: {JSON}", *([f"x-api-key: {KEY}"] if has_keys else [])]
    # the end word is quoted, so the shell leaves $, ` and \ in the body alone
    lines = [shlex.join(["curl", "-s", url]), *(shlex.join(["-H", each]) for each in headers), f"-d @- <<'{END}'"]
    return " \\\n  ".join(lines) + f"\n{body}\n{END}"


def list_snippets(target: Target) -> list[Snippet]:
    """Return every way to send the request."""
    return [
        Snippet("curl", "curl", join_curl(target.url, "${json}", target.has_keys)),
        Snippet("client", "Python client", _fill(CLIENT, target), f"It needs: {describe_install('client')}"),
        Snippet("requests", "requests", _fill(REQUESTS, target)),
        Snippet("pandas", "pandas", _fill(PANDAS, target)),
        Snippet("postman", "Postman", _write_collection(target), "In Postman: Import, then paste this text."),
    ]


def _fill(template: str, target: Target) -> str:
    arguments = [target.service_url, *([KEY] if target.has_keys else [])]
    return (
        Template(template)
        .substitute(
            rows_name=target.rows_name,
            method=target.method,
            frame_name=target.frame_name,
            url=target.url,
            arguments=", ".join(map(json.dumps, arguments)),
            headers=f'headers={{"x-api-key": "{KEY}"}}, ' if target.has_keys else "",
        )
        .rstrip("\n")
    )


def _write_collection(target: Target) -> str:
    """Return a collection of one request, which Postman imports as raw text."""
    slot = "${json_text}"
    headers = {"Content-Type": JSON, **({"x-api-key": KEY} if target.has_keys else {})}
    request = {
        "method": "POST",
        "header": [{"key": name, "value": value} for name, value in headers.items()],
        "body": {"mode": "raw", "raw": slot, "options": {"raw": {"language": "json"}}},
        "url": target.url,
    }
    collection = {
        "info": {"name": f"Lockstep: {target.path}", "schema": COLLECTION},
        "item": [{"name": f"POST {target.path}", "request": request}],
    }
    # what the page fills in is encoded as a string of JSON, with its own quotes
    return json.dumps(collection, indent=2).replace(f'"{slot}"', slot)
