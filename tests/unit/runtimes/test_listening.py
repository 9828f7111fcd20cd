import socket
from pathlib import Path

from lockstep.runtimes.uwsgi.listening import list_hosts


def test_each_socket_tells_its_host(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with (
        socket.create_server(("127.0.0.1", 0)) as ipv4,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as ipv6,
        socket.socket(socket.AF_UNIX) as local,
    ):
        local.bind(path)
        assert list(list_hosts(each.fileno() for each in (ipv4, ipv6, local))) == ["127.0.0.1", "::1", f"unix:{path}"]
        assert ipv4.getsockname()[0] == "127.0.0.1"  # still open
