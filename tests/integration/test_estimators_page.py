"""The lists of docs/estimators.md are those of the code, and its commands and scripts run."""

import json
import re
import shlex
from pathlib import Path

import pytest

from lockstep.bundles.pickles.allowed import FAMILIES as READ
from lockstep.bundles.pickles.allowed import pair_names
from lockstep.bundles.reading import load_series
from lockstep.predict.derive.composition import STEPS
from lockstep.predict.derive.families import BITS
from lockstep.predict.derive.model import ESTIMATORS
from lockstep.predict.exact.forms import LAYOUTS
from lockstep.predict.guarantees import check_guarantee
from lockstep.training.guarantees import LEAST, MOST
from qa.exact.families import FAMILIES
from qa.exact.steps import STEPS as STEP_FAMILIES
from qa.servers import App, run_server
from qa.service import make_service
from tests.commands import COMMAND, run_command, run_script
from tests.conftest import measuring_once
from tests.pages import copy_application, find_blocks, find_commands, find_section, read_page

PAGE = read_page("docs/estimators.md")
COMPOSITES = {"Pipeline", "ColumnTransformer", "FeatureUnion", "FunctionTransformer", "TransformedTargetRegressor"}
READABLE = {name for modules in READ.values() for _, name in pair_names(modules)}
NAME = re.compile(r"`([A-Z]\w+)`")


def named_as_exact() -> list[str]:
    """Return the classes in the second column of the table."""
    cells = re.findall(r"^\| [\w ]+ \| (.*?) \| .*\|$", find_section(PAGE, "exact forms"), re.MULTILINE)
    return [name for cell in cells for name in NAME.findall(cell)]


def test_the_classes_with_an_exact_form_are_those_that_can_be_derived_and_read() -> None:
    derived = {each.__name__ for each in (*ESTIMATORS, *STEPS)} & READABLE
    assert sorted(named_as_exact()) == sorted(derived | COMPOSITES)


def test_the_other_classes_are_those_that_can_be_read_without_an_exact_form() -> None:
    assert sorted(NAME.findall(find_section(PAGE, "measured classes"))) == sorted(READABLE - set(named_as_exact()))


def test_the_measured_families_are_those_of_the_command() -> None:
    table = re.findall(r"^\| (.*?) \| (\d+) \| (\d+) \| .*\|$", find_section(PAGE, "measured"), re.MULTILINE)
    known = {family.name: family for family in FAMILIES}
    assert {name: int(count) for name, count, _ in table} == {name: known[name].n_instances for name, *_ in table}
    assert {name for name in known if known[name] not in STEP_FAMILIES} <= {name for name, *_ in table}
    assert {name for name, _, ulp in table if known[name].bound == BITS and ulp != "0"} == set()
    assert [name for name in known if name not in {row[0] for row in table} and known[name].bound != BITS] == []


def test_the_guarantees_of_the_page_are_guarantees() -> None:
    section = PAGE.partition("| guarantee |")[2].partition("\n\n")[0]
    [*named] = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
    assert named == ["bits", "labels", "tolerance 1e-12", "nothing"]
    for guarantee in named:
        check_guarantee(guarantee)
    assert (f"1e-{LEAST:02d}", f"1e-{MOST:02d}") == ("1e-12", "1e-06")


def test_there_is_one_layout_as_the_page_says() -> None:
    assert len(LAYOUTS) == 1
    assert "so far there is one" in PAGE


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The application after the code and the commands of the page, and what they printed."""
    application = copy_application(tmp_path_factory.mktemp("estimators"))
    own_class, script = find_blocks(PAGE, "python")
    (application / "preprocessing" / "steps.py").write_text(own_class)
    (application / "train_clipped.py").write_text(script)
    [trusted] = find_blocks(PAGE, "toml")
    with (application / "lockstep.toml").open("a") as file:
        file.write(trusted)
    assert ".venv/bin/python train_clipped.py\n" in PAGE
    commands = find_commands(PAGE)
    assert len(commands) == 4
    with measuring_once():
        printed = {"train_clipped.py": run_script("train_clipped.py", folder=application).check_output()}
        for command in commands:
            printed[" ".join(command)] = run_command(*command, folder=application).check_output()
    return application, printed


def test_the_proof_of_the_default_model_is_the_one_shown(used: tuple[Path, dict[str, str]]) -> None:
    [shown] = find_blocks(PAGE, "text")
    without_time = [re.sub(r" in [\d.]+ s$", "", line) for line in shown.splitlines()]
    printed = used[1]["verify models/msft"]
    assert all(line in printed for line in without_time)


def test_a_model_without_an_exact_form_gets_the_guarantee_shown(used: tuple[Path, dict[str, str]]) -> None:
    [shown] = re.findall(r"`(promised  [^`]*)`", PAGE)
    [trained] = [text for command, text in used[1].items() if command.startswith("train data")]
    assert shown in trained


def test_a_class_of_ones_own_is_trained_and_verified(used: tuple[Path, dict[str, str]]) -> None:
    application, printed = used
    assert printed["train_clipped.py"].strip() == "models/clipped/1"
    manifest = load_series(application / "models" / "clipped" / "1").manifest
    assert (manifest.predictor, list(manifest.trusted)) == ("scikit-learn", ["preprocessing/steps.py:Clip"])


def test_the_default_model_answers_the_same_bits_with_its_pickles() -> None:
    [line] = [text for block in find_blocks(PAGE, "sh") for text in block.splitlines() if "serve" in text]
    setting, command, *arguments = shlex.split(line)
    assert (command, arguments) == (COMMAND, ["serve", "models/msft"])
    [body] = re.findall(r"/v1/forecast .* -d '(.*?)'", read_page("README.md"), re.DOTALL)
    service = make_service()
    environ = {**service.environ, **dict([setting.split("=")])}
    command_line = (*service.command, "models/msft")
    with run_server(App(service.name, command_line, environ)) as server:
        status, answer = server.ask("POST", "/v1/forecast", body.encode())
    [expected] = find_blocks(read_page("README.md"), "json")
    assert (status, json.loads(answer)["forecast"]) == (200, json.loads(expected)["forecast"])
