"""The record as Markdown, short enough for the step summary of a CI run."""

from collections.abc import Iterator
from html import escape

from lockstep.parity.record import CheckEntry, Record
from lockstep.parity.suite import Verdict

MAX_LINES = 10


def render_markdown(record: Record) -> str:
    """Return verdict, checks, what was found, both sides and latencies."""
    lines = [
        f"## lockstep parity: {record.verdict}",
        "",
        f"`{record.url}` against the bundle `{record.bundle.name}`, digest `{record.bundle.digest[:12]}`, "
        f"seed {record.seed}, {record.started}: {record.summary}.",
        "",
        *([record.shortfall, ""] if record.shortfall else []),
        "| check | verdict | compared | equality | seconds | proves |",
        "|---|---|---|---|---|---|",
        *(
            f"| {check.name} | {check.verdict} | {check.compared} | {check.equality} | {check.duration_s:.2f} "
            f"| {check.proves} |"
            for check in record.checks
        ),
        "",
        *_describe_findings(record.checks),
        "| | local | service |",
        "|---|---|---|",
        *("| " + " | ".join(map(_cell, row)) + " |" for row in record.sides),
        "",
        "| route | answers | p50 ms | p90 ms | p99 ms | max ms |",
        "|---|---|---|---|---|---|",
        *(
            f"| {each.path} | {each.requests} | {each.p50_ms} | {each.p90_ms} | {each.p99_ms} | {each.max_ms} |"
            for each in record.latency
        ),
    ]
    return "\n".join(lines) + "\n"


def _describe_findings(checks: list[CheckEntry]) -> Iterator[str]:
    for check in checks:
        if check.verdict != Verdict.PARITY.word:
            lines = [*check.findings[:MAX_LINES]] or [check.shortfall]
            if check.n_findings > len(lines):
                lines.append(f"… and {check.n_findings - len(lines)} more")
            if check.location:
                lines.append(str(check.location))
            if check.again:
                lines.append(check.again)
            yield f"**{check.name}**"
            yield ""
            yield "<pre>" + escape("\n".join(lines), quote=False) + "</pre>"  # what a service answered is only text
            yield ""


def _cell(text: str) -> str:
    return escape(" ".join(text.split())).replace("|", "&#124;")
