"""What docs/hosting.md and docs/security.md promise of a service behind a proxy; each promise returns what broke it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from lockstep.scoring.keys import new_key
from qa.nginx.asking import FORECAST, ask, write_body
from qa.nginx.proxy import HOST, NAMELESS, PLAIN, USUAL, run_nginx
from qa.servers import Server, run_server
from qa.service import make_service

SECRET, KEY = new_key("nginx")
RIGHT, WRONG = {"x-api-key": SECRET}, {"x-api-key": "wrong"}
CLOSED = (FORECAST, ("POST", "/v1/forecast"), ("POST", "/v1/predict"), ("GET", "/metrics"), ("GET", "/version"),
          ("GET", "/openapi.json"), ("GET", "/"))  # fmt: skip
PROBES = (("GET", "/health"), ("GET", "/ready"))
CLAIMS: tuple[Mapping[str, str], ...] = (
    {},
    {"Host": "localhost"},
    {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
)
"""What a caller elsewhere may say of itself."""
CONFIGURATIONS = {"the defaults before nginx 1.30": PLAIN, "a Host header": HOST, "what docs/hosting.md shows": USUAL}
LIMIT = 20
ANOTHER = "127.0.0.2"


def keep_strangers_out() -> list[str]:
    """Show that a service without keys answers nothing through nginx but whether it lives."""
    broken = []
    with serve({}) as service:
        body = write_body()
        if ask(service.port, FORECAST, body)[0] != HTTPStatus.OK:
            broken.append("a client on the same machine is refused")
        for name, directives in CONFIGURATIONS.items():
            with run_nginx(service.port, directives) as proxy:
                for route in CLOSED:
                    statuses = {ask(proxy.port, route, body if route[0] == "POST" else b"", each)[0] for each in CLAIMS}
                    if statuses != {HTTPStatus.UNAUTHORIZED}:
                        broken.append(f"{name}: {' '.join(route)} is answered {sorted(statuses)}")
                broken += [f"{name}: {path} is refused" for method, path in PROBES if not _is_ok(proxy, (method, path))]
    return broken


def answer_keys() -> list[str]:
    """Show that a service with keys answers through nginx who has one, with the same bytes, and nobody else."""
    broken, body = [], write_body()
    for name, directives in CONFIGURATIONS.items():
        with (
            serve({"LOCKSTEP_TRUSTED_PROXIES": "1"}, KEY.entry) as service,
            run_nginx(service.port, directives) as proxy,
        ):
            direct, forwarded = (ask(server.port, FORECAST, body, RIGHT) for server in (service, proxy))
            if forwarded != direct or direct[0] != HTTPStatus.OK:
                broken.append(f"{name}: {forwarded[0]} through nginx, {direct[0]} without, or other bytes")
            for wrong in ({}, WRONG):
                if ask(proxy.port, FORECAST, body, wrong)[0] != HTTPStatus.UNAUTHORIZED:
                    broken.append(f"{name}: {wrong or 'no key'} is not refused")
    return broken


def limit_callers() -> list[str]:
    """Show that wrong keys lock out their own address only, and no right key, if the proxy is trusted."""
    settings = {"LOCKSTEP_TRUSTED_PROXIES": "1", "LOCKSTEP_RATE_LIMIT": f"{LIMIT}/hour"}
    with serve(settings, KEY.entry) as service, run_nginx(service.port, USUAL) as proxy:
        return [
            *_lock_out(proxy),
            *_expect("a wrong key of another address", ask(proxy.port, FORECAST, b"", WRONG, ANOTHER)[0], 401),
        ]


def admit_keys_behind_an_unknown_proxy() -> list[str]:
    """Show that wrong keys lock out no right one, if no proxy is trusted and all callers have its address."""
    with serve({"LOCKSTEP_RATE_LIMIT": f"{LIMIT}/hour"}, KEY.entry) as service, run_nginx(service.port, USUAL) as proxy:
        return [
            *_lock_out(proxy),
            *_expect("a wrong key of another address", ask(proxy.port, FORECAST, b"", WRONG, ANOTHER)[0], 429),
        ]


def refuse_what_is_no_address() -> list[str]:
    """Show that what a trusted proxy forwards is refused if it names no address, with a key or without."""
    with serve({"LOCKSTEP_TRUSTED_PROXIES": "1"}, KEY.entry) as service, run_nginx(service.port, NAMELESS) as proxy:
        statuses = [ask(proxy.port, FORECAST, write_body(), headers)[0] for headers in (RIGHT, WRONG)]
    return _expect("X-Forwarded-For: unknown", *statuses, 400)


PROMISES = (
    keep_strangers_out,
    answer_keys,
    limit_callers,
    admit_keys_behind_an_unknown_proxy,
    refuse_what_is_no_address,
)


def _lock_out(proxy: Server) -> list[str]:
    statuses = [ask(proxy.port, FORECAST, b"", WRONG)[0] for _ in range(LIMIT + 5)]
    broken = _expect("wrong keys within the limit", *statuses[:LIMIT], 401)
    broken += _expect("wrong keys beyond the limit", *statuses[LIMIT:], 429)
    broken += _expect("wrong keys for the counts", ask(proxy.port, ("GET", "/metrics"), b"", WRONG)[0], 429)
    return broken + _expect("a right key after them", ask(proxy.port, FORECAST, write_body(), RIGHT)[0], 200)


def _expect(what: str, *statuses: int) -> list[str]:
    """Return a line if any status but the last is not the last, which is the one expected."""
    *told, expected = statuses
    return [f"{what}: {sorted(set(told))} instead of {expected}"] if set(told) != {expected} else []


def _is_ok(proxy: Server, route: tuple[str, str]) -> bool:
    return ask(proxy.port, route)[0] == HTTPStatus.OK


@contextmanager
def serve(settings: Mapping[str, str], keys: str = "") -> Iterator[Server]:
    """Run a service with one worker, so that its limits are exact."""
    with run_server(make_service(environ={"WEB_CONCURRENCY": "1", "LOCKSTEP_API_KEYS": keys, **settings})) as service:
        yield service
