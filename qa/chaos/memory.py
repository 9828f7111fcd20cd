"""512 MB of memory: the largest requests that are allowed, on every worker at once."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np

from lockstep.bundles.reading import load_series
from lockstep.data.bars import Bars
from lockstep.parity.bodies import split_frame
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.series import change_bars
from lockstep.scoring.settings import Settings
from qa.bench.footprint import read_pss_mb
from qa.chaos.clients import HEADERS, ask_all, connect
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import Server

MEMORY_BYTES = 512 * 2**20
AT_ONCE = 8
GROUPS = {
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    Path("/sys/fs/cgroup"): ("memory.max", "memory.peak"),
}
"""Where a kernel lets a process group be limited, and what the limit and the peak are called there."""


def post_largest(plan: Plan) -> Finding:
    """Post every session of the calendar in as many bytes as are allowed, eight times at once; then one byte more."""
    finding = Finding("the largest allowed requests are answered within 512 MB, larger ones are refused with 413")
    bundle, limits = load_series(DEFAULT_BUNDLE), Settings()
    n_rows = min(limits.max_rows, bundle.calendar.n_sessions)
    bars = _make_bars(bundle.calendar.session_dates(np.arange(n_rows)), bundle.bars)
    expected = bundle.forecaster.forecast(bars, use_stored=False).prediction.tolist()
    body = msgspec.json.encode({"dataframe_split": split_frame(bars), "history": "none", "trace": "values"})
    body += b" " * (limits.max_body_bytes - len(body))

    def is_right(status: int, answer: bytes) -> bool:
        if status != http.HTTPStatus.OK:
            return False
        frame = msgspec.json.decode(answer)["forecast"]
        place = frame["columns"].index("y_pred")
        return [row[place] for row in frame["data"] if row[place] is not None] == expected

    _flood(finding, body, is_right, f"{n_rows} rows, {len(body)} bytes")
    _flood(finding, body + b" ", lambda status, _: status == 413, "one byte more")
    return finding


def post_bad_cells(plan: Plan) -> Finding:
    """Post four megabytes of cells that no frame has, from eight clients at once."""
    finding = Finding("requests of nothing but bad cells are refused with 4xx within 512 MB")
    frame = b'{"columns":["date"],"data":[[{}]%s]}'
    body = frame % (b",[{}]" * ((Settings().max_body_bytes - len(frame)) // 5))
    _flood(finding, body, lambda status, _: 400 <= status < 500, "[{}] cells")
    return finding


def stall_bodies(plan: Plan) -> Finding:
    """Send the largest bodies but for their last byte, from many clients at once."""
    finding = Finding("bodies that do not arrive take a bounded part of 512 MB, and others are answered")
    n_bytes = Settings().max_body_bytes
    head = f"POST /forecast HTTP/1.1\r\nHost: localhost\r\nContent-Length: {n_bytes}\r\n\r\n".encode()
    with _memory_group() as (group, peak), run_service(wrap=_join(group)) as server, ExitStack() as stack:
        before = server.workers
        for _ in range(plan.n_half):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            with suppress(ConnectionError):  # it was cut off: others have come since
                client.sendall(head + bytes(n_bytes - 1))
        peak_mb = (int(peak.read_text()) if peak else _sum_pss(server)) / 1e6
        finding.figures.append(f"{plan.n_half} bodies of {n_bytes} bytes: {peak_mb:.0f} MB")
        finding.require(server.workers == before, "a worker was ended")
        finding.require(peak_mb * 1e6 <= MEMORY_BYTES, f"{peak_mb:.0f} MB")
        finding.broken += ask_all(server.port, "beside stalled bodies")
    return finding


def _make_bars(dates: np.ndarray, like: Bars) -> Bars:
    values = np.resize(like.values, (len(like.values), len(dates)))
    return change_bars(Bars(dates, values), Draws(Origin(1, "", "memory", 0)))


def _flood(finding: Finding, body: bytes, is_right: Callable[[int, bytes], bool], name: str) -> None:
    """Post the body from eight clients at once in a group of 512 MB, and see that the service outlives it."""
    with _memory_group() as (group, peak), run_service(wrap=_join(group)) as server:
        before = server.workers
        said = _post_at_once(server.port, body)
        peak_mb = (int(peak.read_text()) if peak else _sum_pss(server)) / 1e6
        right = sum(is_right(status, answer) for status, answer in said)
        statuses = sorted({status for status, _ in said})
        measured = "at most" if peak else "afterwards, without a limit,"
        finding.figures.append(
            f"{name}: {right} of {AT_ONCE} as promised, statuses {statuses}; {measured} {peak_mb:.0f} MB"
        )
        finding.require(right == AT_ONCE, f"{name}: {AT_ONCE - right} answers are not as promised")
        finding.require(server.workers == before, f"{name}: a worker was ended")
        finding.require(peak_mb * 1e6 <= MEMORY_BYTES, f"{name}: {peak_mb:.0f} MB")
        finding.broken += ask_all(server.port, f"after {name}")


def _join(group: Path | None) -> tuple[str, ...]:
    return ("/bin/sh", "-c", f'echo $$ >"{group}/cgroup.procs"; exec "$@"', "sh") if group else ()


def _post_at_once(port: int, body: bytes) -> list[tuple[int, bytes]]:
    said = [(0, b"")] * AT_ONCE

    def post(place: int) -> None:
        connection = connect(port)
        try:
            connection.request("POST", "/v1/forecast", body, HEADERS)
            response = connection.getresponse()
            said[place] = response.status, response.read()
        except (OSError, http.client.HTTPException):
            return  # status 0 says that the connection was closed
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@contextmanager
def _memory_group() -> Iterator[tuple[Path | None, Path | None]]:
    """Lend a group of processes limited to 512 MB, and where its peak is read; None where none may be made."""
    for root, (limit, peak) in GROUPS.items():
        group = root / f"lockstep-chaos-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if (group / limit).exists():
                (group / limit).write_text(str(MEMORY_BYTES))
                yield group, group / peak
                return
        finally:
            group.rmdir()
    yield None, None


def _sum_pss(server: Server) -> float:
    return 1e6 * sum(read_pss_mb(pid) for pid in server.pids)
