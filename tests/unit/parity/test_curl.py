import shlex
from pathlib import Path

import msgspec

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.client import ServiceClient
from lockstep.parity.curl import write_curl
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.series import SeriesSubject


def write(client: ServiceClient, bundle: SeriesBundle) -> tuple[str, Bars]:
    subject = SeriesSubject(client, bundle, seed=1)
    rows = subject.tested.select(slice(-1, None))
    return write_curl(subject, Posted(rows, Sent("/v1/forecast", b"")), in_line=True), rows


def test_a_command_holds_neither_key_nor_password(default_bundle: SeriesBundle) -> None:
    line, _ = write(ServiceClient("http://me:s3cret@127.0.0.1:5000", api_key="k3y"), default_bundle)
    assert "s3cret" not in line
    assert "k3y" not in line
    assert '-H "x-api-key: $LOCKSTEP_API_KEY" -u "$USER_AND_PASSWORD"' in line


def test_a_url_is_one_word_for_the_shell(default_bundle: SeriesBundle) -> None:
    url = "http://127.0.0.1:5000/a;rm&$(reboot)'b"
    line, _ = write(ServiceClient(url), default_bundle)
    assert shlex.split(line)[:3] == ["curl", "-s", f"{url}/v1/forecast"]


def test_a_body_that_cannot_be_printed_is_in_a_file(default_bundle: SeriesBundle) -> None:
    line, rows = write(ServiceClient("http://service", model="a\x9b31m"), default_bundle)
    assert line.isprintable()
    path = Path(shlex.split(line)[-1].removeprefix("@"))
    posted = msgspec.json.decode(path.read_bytes())
    path.unlink()
    assert posted["model"] == "a\x9b31m"
    assert posted["dataframe_split"]["data"][0][0] == str(rows.dates[0])
