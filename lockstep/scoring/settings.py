"""The settings of the service. Each is declared once, here: the reader and docs/settings.md are made of it.

A new setting is a new field of `Settings`. `python -m tests.api_tables` then writes the table.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lockstep.bundles.loading import parse_aliases
from lockstep.scoring.keys import ApiKey, parse_keys
from lockstep.scoring.rates import Rate, parse_rate
from lockstep.scoring.redis_windows import parse_redis_url
from lockstep.scoring.setting import (
    Setting,
    SettingsError,
    declare,
    one_of,
    parse_folders,
    parse_origins,
    read_declared,
    whole_number,
)

__all__ = ["BESIDE", "Settings", "SettingsError", "is_loopback", "read_settings"]

OFF = "off"
GATES: dict[str, Literal["enforce", "warn"]] = {"enforce": "enforce", "warn": "warn"}
PREDICTORS = {"sealed": "sealed", "pickles": "pickles"}
VERSIONS: dict[str, Literal["aliases", "all"]] = {"aliases": "aliases", "all": "all"}
BROKEN: dict[str, Literal["refuse", "skip"]] = {"refuse": "refuse", "skip": "skip"}
LOGS = {"json": "json", "text": "text"}
DEFAULT_RATE = Rate(12_000, "minute")
UNKNOWN_COMMIT = "unknown"
SWITCH = {"0": False, "1": True}


def _parse_limit(text: str) -> Rate | None:
    return None if text == OFF else parse_rate(text)


@dataclass(frozen=True)
class Settings:
    """The settings; the text beside each says what it means."""

    port: int = declare(5000, Setting("PORT", whole_number(1, 65535), "port to bind"))
    host: str = declare("127.0.0.1", Setting("LOCKSTEP_HOST", str, "address to bind"))
    workers: int = declare(2, Setting("WEB_CONCURRENCY", whole_number(1, 64), "worker processes"))
    models: tuple[Path, ...] = declare(
        (),
        Setting(
            "LOCKSTEP_MODELS",
            parse_folders,
            "models folders, models (models/NAME) or versions (models/NAME/VERSION), separated by `:`",
            "the application's models",
            former_names=("LOCKSTEP_BUNDLES",),
        ),
    )
    aliases: Mapping[str, Mapping[str, int]] = declare(
        {}, Setting("LOCKSTEP_ALIASES", parse_aliases, "aliases that override those on disk: `msft@champion=3,…`")
    )
    versions: Literal["aliases", "all"] = declare(
        "aliases",
        Setting("LOCKSTEP_VERSIONS", one_of(VERSIONS), "`all` loads every version, not only those with an alias"),
    )
    broken: Literal["refuse", "skip"] = declare(
        "refuse",
        Setting("LOCKSTEP_BROKEN", one_of(BROKEN), "`skip` leaves a broken bundle out instead of ending the boot"),
    )
    api_keys: tuple[ApiKey, ...] = declare(
        (),
        Setting("LOCKSTEP_API_KEYS", parse_keys, "entries of `lockstep keys new`, separated by commas", is_secret=True),
    )
    allow_anonymous: bool = declare(
        False,
        Setting(
            "LOCKSTEP_ALLOW_ANONYMOUS", one_of(SWITCH), "`1` lets everyone forecast without a key if there are no keys"
        ),
    )
    max_body_bytes: int = declare(
        4 * 2**20, Setting("LOCKSTEP_MAX_BODY_BYTES", whole_number(1024, 2**30), "largest body of a request")
    )
    max_rows: int = declare(
        20_000, Setting("LOCKSTEP_MAX_ROWS", whole_number(1, 10**7), "largest number of rows in one request")
    )
    rate_limit: Rate | None = declare(  # noqa: RUF009 -- a rate is frozen
        DEFAULT_RATE,
        Setting(
            "LOCKSTEP_RATE_LIMIT",
            _parse_limit,
            "forecasts for each key and each address: `N/second`, `N/minute`, `N/hour` or `off`",
        ),
    )
    redis_url: str | None = declare(
        None,
        Setting(
            "REDIS_URL", parse_redis_url, "Redis where all processes count those requests together", is_secret=True
        ),
    )
    trusted_proxies: int = declare(
        0,
        Setting(
            "LOCKSTEP_TRUSTED_PROXIES",
            whole_number(0, 9),
            "proxies in front whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted; on Heroku `1`",
        ),
    )
    cors_origins: tuple[str, ...] = declare(
        (),
        Setting(
            "LOCKSTEP_CORS_ORIGINS", parse_origins, "origins whose pages may call the service, separated by commas"
        ),
    )
    predictor: Literal["sealed", "pickles"] = declare(
        "sealed",
        Setting(
            "LOCKSTEP_PREDICTOR",
            one_of(PREDICTORS),
            "`pickles` answers with scikit-learn and the pickles of every bundle, not with exact forms",
        ),
    )
    gate: Literal["enforce", "warn"] = declare(
        "enforce",
        Setting("LOCKSTEP_GATE", one_of(GATES), "`warn` serves although the self-check failed, with `/ready` at 503"),
    )
    log: str = declare("json", Setting("LOCKSTEP_LOG", one_of(LOGS), "`text` writes the log for a person"))
    commit: str = declare(
        UNKNOWN_COMMIT,
        Setting("LOCKSTEP_COMMIT", str, "commit that `/version` shows", "that of the application's checkout"),
    )

    @property
    def bind(self) -> str:
        """Return the address and port as `host:port`, an IPv6 address in brackets; `unix:PATH` has no port."""
        if self.host.startswith("unix:"):
            return self.host
        bare_ipv6 = ":" in self.host and not self.host.startswith("[")
        return f"[{self.host}]:{self.port}" if bare_ipv6 else f"{self.host}:{self.port}"

    def check_bind(self, host: str) -> None:
        """Raise `SettingsError` if `host` is reachable from elsewhere and nobody has to show a key.

        A Unix socket counts as reachable: what connects to it is a proxy, and its callers have no address.
        """
        if not (self.api_keys or self.allow_anonymous or is_loopback(host)):
            raise SettingsError(
                f"refusing to bind {host} without API keys: anyone could call it. Make one with `lockstep keys "
                "new NAME` and set LOCKSTEP_API_KEYS, or set LOCKSTEP_ALLOW_ANONYMOUS=1 if that is meant"
            )


REMOVED = {"LOCKSTEP_THREADS": "a worker has one thread, and WEB_CONCURRENCY sets the number of workers"}
BESIDE = (Setting("LOCKSTEP_API_KEY", str, "not read by the service: the key that `lockstep parity` sends"),)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in the environment; raise `SettingsError`, see `read_declared`."""
    return read_declared(Settings, environ, BESIDE, REMOVED)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`, a name or an IP address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
