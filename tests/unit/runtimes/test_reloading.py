import logging
import sys
from types import ModuleType, SimpleNamespace

import pytest

from lockstep.errors import InvalidBundle
from lockstep.runtimes.gunicorn.reloading import reload_models, watch_reloads

MODULE = "reloaded_application"


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, module)
    return module


@pytest.fixture
def server() -> SimpleNamespace:
    """What is used of gunicorn's arbiter."""
    return SimpleNamespace(app=SimpleNamespace(app_uri=f"{MODULE}:app", callable="old"), reload=lambda: None)


def test_a_reload_makes_the_app_anew_and_then_replaces_the_workers(
    server: SimpleNamespace, application: ModuleType
) -> None:
    application.create_app = lambda settings: "new"  # type: ignore[attr-defined]
    seen: list[object] = []
    server.reload = lambda: seen.append(server.app.callable)
    watch_reloads(server)
    server.reload()
    assert seen == ["new"]


@pytest.mark.parametrize(
    ("error", "told"),
    [(InvalidBundle("msft/2: broken"), "msft/2: broken"), (NameError("nothing"), "NameError: nothing"), (None, "")],
)
def test_the_workers_stay_if_the_app_cannot_be_made(
    server: SimpleNamespace, application: ModuleType, error: Exception | None, told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def create_app(_: object) -> None:
        if error:
            raise error

    if error:
        application.create_app = create_app  # type: ignore[attr-defined]
    replaced: list[bool] = []
    with caplog.at_level(logging.CRITICAL):
        reload_models(server, lambda: replaced.append(True))
    assert (replaced, server.app.callable) == ([], "old")
    assert "not reloaded, the workers go on with the models that they have" in caplog.text
    assert told in caplog.text
