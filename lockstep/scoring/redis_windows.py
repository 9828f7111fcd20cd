"""The same windows in Redis, where all processes count together.

A worker answers one request at a time, so what it waits for, all its callers wait for. A client library bounds each
read; here one deadline holds for the whole exchange, of which there is one for each request: three commands in one
packet, three answers. The name of the server is looked up once, at boot: a lookup has no time-out of its own.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

CONNECT_S = 0.1
"""For a new connection, encrypted and signed in; one is made at the first request and after a failure."""
EXCHANGE_S = 0.05
"""For one request's count, which takes 0.1 ms where both have a processor for themselves."""
LEAST_S = 0.001
"""What is left of any deadline: an answer that came while this process had no processor is there already."""
DEFAULT_PORT = 6379
MAX_REPLY_BYTES = 4096
MAX_ERROR_BYTES = 40
KEY_PREFIX = "lockstep:rate:"


Commands = Sequence[tuple[str, ...]]


class RedisError(Exception):
    """Redis did not answer in time, or not as expected."""


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis is, and how to sign in; it is never shown, since the password is in it."""

    host: str
    port: int
    encrypted: bool
    username: str
    password: str
    database: int


def parse_redis_url(text: str) -> RedisAddress:
    """Return the address in `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` if encrypted.

    Raises ValueError, which repeats nothing of it.
    """
    try:
        parts = urlsplit(text)
        database, port = parts.path.strip("/") or "0", parts.port or DEFAULT_PORT
    except ValueError:
        raise ValueError("expected a port from 1 to 65535 after the host") from None
    well_formed = parts.scheme in ("redis", "rediss") and parts.hostname and not (parts.query or parts.fragment)
    if not (well_formed and parts.hostname and database.isascii() and database.isdigit()):
        raise ValueError("expected the form redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss://…")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return RedisAddress(parts.hostname, port, parts.scheme == "rediss", username, password, int(database))


class RedisWindows:
    """Counts of names in Redis; each begins again at 0 one period after its first."""

    def __init__(self, address: RedisAddress, period_s: int) -> None:
        self._address, self._period_s = address, period_s
        self._connection: socket.socket | None = None
        try:
            self._found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except OSError:
            self._found = []

    def count(self, name: str) -> tuple[int, float]:
        """Count a name; return how often it was counted in its window, and the seconds until that ends.

        Raises `RedisError`; the next call connects anew.
        """
        key = f"{KEY_PREFIX}{name}"
        commands = (("SET", key, "0", "EX", str(self._period_s), "NX"), ("INCR", key), ("PTTL", key))
        try:
            _, counted, left_ms = self._ask(commands)
            return int(counted), int(left_ms) / 1000
        except (OSError, ValueError) as error:
            self._disconnect()
            raise RedisError(type(error).__name__) from error
        except RedisError:
            self._disconnect()
            raise

    def _ask(self, commands: Commands) -> list[bytes]:
        if self._connection:
            with suppress(ConnectionError):  # it was closed while nobody asked
                return _exchange(self._connection, commands, time.monotonic() + EXCHANGE_S)
            self._disconnect()
        self._connection = self._connect()
        return _exchange(self._connection, commands, time.monotonic() + EXCHANGE_S)

    def _connect(self) -> socket.socket:
        """Return a connection to the first of the server's addresses that takes one."""
        deadline = time.monotonic() + CONNECT_S
        failure: Exception = RedisError("its name was not found at boot")
        for family, kind, protocol, _, where in self._found:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(_time_left(deadline))
                connection.connect(where)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._greet(connection, deadline)
            except (OSError, RedisError) as error:
                connection.close()
                failure = error
        raise failure

    def _greet(self, connection: socket.socket, deadline: float) -> socket.socket:
        """Return the connection, encrypted and signed in as the address says."""
        if self._address.encrypted:
            connection.settimeout(_time_left(deadline))
            connection = _encrypt(connection, self._address.host)
        _exchange(connection, _list_greetings(self._address), deadline)
        return connection

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def _encrypt(connection: socket.socket, host: str) -> ssl.SSLSocket:
    """Return the connection under TLS, whoever signed the server's certificate: Heroku signs its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=host)


def _list_greetings(address: RedisAddress) -> Commands:
    """Return the commands that sign in and choose the database, if there is anything to say."""
    user = (address.username,) if address.username else ()
    sign_in = [("AUTH", *user, address.password)] if address.password else []
    return [*sign_in, *([("SELECT", str(address.database))] if address.database else [])]


def _exchange(connection: socket.socket, commands: Commands, deadline: float) -> list[bytes]:
    """Return the answers to some commands, each of one line without its mark; raise `RedisError` or OSError."""
    if not commands:
        return []
    connection.settimeout(_time_left(deadline))
    connection.sendall(b"".join(map(_encode_command, commands)))
    received = b""
    while received.count(b"\r\n") < len(commands):
        connection.settimeout(_time_left(deadline))
        part = connection.recv(MAX_REPLY_BYTES)
        received += part
        if not part:
            raise ConnectionResetError
        if len(received) > MAX_REPLY_BYTES:
            raise RedisError("its answer is too long")
    replies = received.split(b"\r\n")[:-1]
    errors = [reply for reply in replies if reply.startswith(b"-")]
    if errors:
        raise RedisError(errors[0][1:MAX_ERROR_BYTES].partition(b" ")[0].decode("ascii", "replace"))
    return [reply[1:] for reply in replies]


def _encode_command(words: tuple[str, ...]) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n%b" % (len(words), b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded))


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left < -CONNECT_S:  # answers that drip in, byte by byte
        raise TimeoutError
    return max(left, LEAST_S)
