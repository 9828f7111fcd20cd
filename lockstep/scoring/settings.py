"""Every setting of the service, read from the environment in this one place; nonsense is refused at boot.

| variable | meaning | default |
|---|---|---|
| PORT | port to bind | 5000 |
| WEB_CONCURRENCY | worker processes | 2 |
| LOCKSTEP_THREADS | threads in each worker: two work, the others wait for slow clients | 32 |
| LOCKSTEP_HOST | address to bind | 127.0.0.1 |
| LOCKSTEP_MODELS | models folders, models or versions, separated by `:` | the application's models |
| LOCKSTEP_ALIASES | aliases that override those on disk: `msft@champion=3`, separated by `,` | none |
| LOCKSTEP_VERSIONS | `aliases`: load what an alias names; `all`: every version | aliases |
| LOCKSTEP_BROKEN | `refuse`: a broken bundle ends the boot; `skip`: it is left out and named | refuse |
| LOCKSTEP_API_KEYS | `name:sha256` entries, separated by `,`; a bare secret of 32 or more characters is a key | none |
| LOCKSTEP_API_KEY | not read by the service: the key that `lockstep parity` sends | none |
| LOCKSTEP_ALLOW_ANONYMOUS | 1 lets a service without keys bind more than loopback | 0 |
| LOCKSTEP_MAX_BODY_BYTES | largest request body | 4194304 |
| LOCKSTEP_MAX_ROWS | most rows in one request | 20000 |
| LOCKSTEP_RATE_LIMIT | forecasts for each key and each address, `N/minute` (`second`, `hour`); `off` | 12000/minute |
| REDIS_URL | where all worker processes count those requests together; without it each counts for itself | none |
| LOCKSTEP_TRUSTED_PROXIES | proxies in front whose `X-Forwarded-For` and `-Proto` are believed; on Heroku 1 | 0 |
| LOCKSTEP_CORS_ORIGINS | origins whose pages may call the service, separated by `,` | none |
| LOCKSTEP_GATE | `enforce`: do not serve where the self-check fails; `warn`: serve, with /ready at 503 | enforce |
| LOCKSTEP_LOG | `json`: a JSON object a line; `text`: for a person, as `lockstep serve` does on a terminal | json |
| LOCKSTEP_COMMIT | commit of the code, shown by /version | unknown |
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from limits import RateLimitItem

from lockstep.bundles.registry import parse_aliases
from lockstep.errors import LockstepError
from lockstep.scoring.keys import ApiKey, parse_keys
from lockstep.scoring.rate_limits import parse_rate_limit

PREFIX = "LOCKSTEP_"
MAX_PORT = 65535
MAX_SHOWN_CHARACTERS = 40
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
OFF = "off"
DEFAULT_RATE_LIMIT = parse_rate_limit("12000/minute")
GATES: tuple[Literal["enforce", "warn"], ...] = ("enforce", "warn")
VERSIONS: tuple[Literal["aliases", "all"], ...] = ("aliases", "all")
BROKEN: tuple[Literal["refuse", "skip"], ...] = ("refuse", "skip")
Choice = TypeVar("Choice", bound=str)
LOGS = ("json", "text")
NAMES = {
    f"{PREFIX}{name}"
    for name in (
        "THREADS",
        "HOST",
        "MODELS",
        "ALIASES",
        "VERSIONS",
        "BROKEN",
        "API_KEY",
        "API_KEYS",
        "ALLOW_ANONYMOUS",
        "MAX_BODY_BYTES",
        "MAX_ROWS",
        "RATE_LIMIT",
        "TRUSTED_PROXIES",
        "CORS_ORIGINS",
        "GATE",
        "COMMIT",
        "LOG",
    )
}


class SettingsError(LockstepError):
    """Refuse a setting, naming its variable and what was expected."""


@dataclass(frozen=True)
class Settings:
    """Hold the settings; the module's docstring says what each means."""

    port: int = 5000
    workers: int = 2
    threads: int = 32
    host: str = "127.0.0.1"
    models: tuple[Path, ...] = ()
    aliases: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    versions: Literal["aliases", "all"] = "aliases"
    broken: Literal["refuse", "skip"] = "refuse"
    api_keys: tuple[ApiKey, ...] = ()
    allow_anonymous: bool = False
    max_body_bytes: int = 4 * 2**20
    max_rows: int = 20_000
    rate_limit: RateLimitItem | None = DEFAULT_RATE_LIMIT
    redis_url: str | None = field(default=None, repr=False)  # it holds a password
    trusted_proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    gate: Literal["enforce", "warn"] = "enforce"
    commit: str = "unknown"
    log: str = "json"

    @property
    def bind(self) -> str:
        """Return the address and port as gunicorn takes them, an IPv6 address in brackets."""
        bare_ipv6 = ":" in self.host and not self.host.startswith(("[", "unix:"))
        return f"[{self.host}]:{self.port}" if bare_ipv6 else f"{self.host}:{self.port}"

    def check_bind(self, host: str) -> None:
        """Raise `SettingsError` where `host` is reachable from elsewhere and nobody has to show a key."""
        if not (self.api_keys or self.allow_anonymous or is_loopback(host)):
            raise SettingsError(
                f"refusing to bind {host} without API keys: anyone could call it. Make one with `lockstep keys "
                "new NAME` and set LOCKSTEP_API_KEYS, or set LOCKSTEP_ALLOW_ANONYMOUS=1 if that is meant"
            )


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in the environment, defaults where a variable is not set.

    Raises `SettingsError` for a value that makes no sense and for an unknown variable that begins `LOCKSTEP_`.
    """
    if "LOCKSTEP_BUNDLES" in environ:
        raise SettingsError(
            "LOCKSTEP_BUNDLES is called LOCKSTEP_MODELS now, and takes models/NAME or models/NAME/VERSION"
        )
    if unknown := sorted(name for name in environ if name.startswith(PREFIX) and name not in NAMES):
        raise SettingsError(f"unknown variable {unknown[0]}; known are {', '.join(sorted(NAMES))}")
    default = Settings()
    try:
        api_keys = parse_keys(environ.get("LOCKSTEP_API_KEYS", ""))
    except ValueError as error:
        raise SettingsError(f"LOCKSTEP_API_KEYS: {error}") from error
    folders = environ.get("LOCKSTEP_MODELS", "")
    return Settings(
        port=_read_int(environ, "PORT", default.port, 1, MAX_PORT),
        workers=_read_int(environ, "WEB_CONCURRENCY", default.workers, 1, 64),
        threads=_read_int(environ, "LOCKSTEP_THREADS", default.threads, 1, 64),
        host=environ.get("LOCKSTEP_HOST") or default.host,
        models=tuple(Path(folder) for folder in folders.split(os.pathsep) if folder),
        aliases=_read_aliases(environ),
        versions=_read_choice(environ, "LOCKSTEP_VERSIONS", VERSIONS),
        broken=_read_choice(environ, "LOCKSTEP_BROKEN", BROKEN),
        api_keys=api_keys,
        allow_anonymous=_read_choice(environ, "LOCKSTEP_ALLOW_ANONYMOUS", ("0", "1")) == "1",
        max_body_bytes=_read_int(environ, "LOCKSTEP_MAX_BODY_BYTES", default.max_body_bytes, 1024, 2**30),
        max_rows=_read_int(environ, "LOCKSTEP_MAX_ROWS", default.max_rows, 1, 10**7),
        rate_limit=_read_rate_limit(environ, default.rate_limit),
        redis_url=_read_redis_url(environ),
        trusted_proxies=_read_int(environ, "LOCKSTEP_TRUSTED_PROXIES", default.trusted_proxies, 0, 9),
        cors_origins=_read_origins(environ),
        gate=_read_choice(environ, "LOCKSTEP_GATE", GATES),
        commit=environ.get("LOCKSTEP_COMMIT") or default.commit,
        log=_read_choice(environ, "LOCKSTEP_LOG", LOGS),
    )


def _read_int(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(highest))
    if not (is_number and lowest <= int(text) <= highest):
        shown = repr(text[:MAX_SHOWN_CHARACTERS])
        raise SettingsError(f"{name} is {shown}; expected a whole number from {lowest} to {highest}")
    return int(text)


def _read_aliases(environ: Mapping[str, str]) -> dict[str, dict[str, int]]:
    try:
        return parse_aliases(environ.get("LOCKSTEP_ALIASES", ""))
    except ValueError as error:
        raise SettingsError(f"LOCKSTEP_ALIASES: {error}") from error


def _read_choice(environ: Mapping[str, str], name: str, choices: tuple[Choice, ...]) -> Choice:
    text = environ.get(name) or choices[0]
    for choice in choices:
        if choice == text:
            return choice
    shown = repr(text[:MAX_SHOWN_CHARACTERS])
    raise SettingsError(f"{name} is {shown}; expected one of {', '.join(choices)}")


def _read_rate_limit(environ: Mapping[str, str], default: RateLimitItem | None) -> RateLimitItem | None:
    text = environ.get("LOCKSTEP_RATE_LIMIT", "")
    if text in ("", OFF):
        return None if text else default
    try:
        return parse_rate_limit(text)
    except ValueError as error:
        raise SettingsError(f"LOCKSTEP_RATE_LIMIT is {text[:MAX_SHOWN_CHARACTERS]!r}; {error}") from error


def _read_redis_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://")):
        raise SettingsError("REDIS_URL is not of the form redis://… or rediss://…")
    return url


def _read_origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    origins = tuple(text.strip() for text in environ.get("LOCKSTEP_CORS_ORIGINS", "").split(",") if text.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            shown = repr(origin[:MAX_SHOWN_CHARACTERS])
            raise SettingsError(f"LOCKSTEP_CORS_ORIGINS has {shown}; expected origins like https://example.org")
    return origins


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`, a name, an IP address or `unix:path`."""
    if host == "localhost" or host.startswith("unix:"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
