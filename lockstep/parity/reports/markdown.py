"""The record as Markdown, short enough for the step summary of a CI run."""

import re
from collections.abc import Iterator
from html import escape

from lockstep.parity.proof import Proof, SplitEntry
from lockstep.parity.record import CheckEntry, Record
from lockstep.parity.suite import Verdict

MAX_LINES = 10
ACTIVE = re.compile(r"[^\w\s.,+/-]|_|(?<=www)\.", re.IGNORECASE)
"""Letters that can begin something else than text."""


def render_markdown(told: Record | Proof) -> str:
    """Return verdict, checks, what was found, both sides and latencies; of several runs, one after the other."""
    if isinstance(told, Record):
        return _render_run(told)
    lines = [f"## lockstep parity: {told.verdict}", "", f"{told.summary}.", ""]
    for split in told.splits:
        lines += [*_render_split(split), ""]
    return "\n".join([*lines, *map(_render_run, told.records)])


def _render_split(split: SplitEntry) -> list[str]:
    sticky = f", sticky by `{split.sticky}`" if split.sticky else ""
    return [
        f"<code>{_cell(split.url)}</code>, {split.asked} first answers{sticky}, {split.retries} retries:",
        "",
        "| version | digest | share | first answers | fewest | most | answers of others passed over |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {arm.name} ({split.model}/{arm.version}) | `{arm.digest[:12]}` | {arm.share:.2%} | {arm.answers} "
            f"| {arm.fewest} | {arm.most} | {arm.passed_over} |"
            for arm in split.arms
        ),
        "",
        *_list_checks(split.checks),
        "",
        *_describe_findings(split.checks),
    ]


def _list_checks(checks: list[CheckEntry]) -> list[str]:
    return [
        "| check | verdict | compared | equality | seconds | proves |",
        "|---|---|---|---|---|---|",
        *(
            f"| {check.name} | {check.verdict} | {check.compared} | {check.equality} | {check.duration_s:.2f} "
            f"| {check.proves} |"
            for check in checks
        ),
    ]


def _render_run(record: Record) -> str:
    lines = [
        f"## lockstep parity: {record.verdict}",
        "",
        f"<code>{_cell(record.url)}</code> against the bundle `{record.bundle.name}`, "
        f"digest `{record.bundle.digest[:12]}`, seed {record.seed}, {record.started}: {record.summary}.",
        "",
        *([record.shortfall, ""] if record.shortfall else []),
        *_list_checks(record.checks),
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
            lines += check.repeating
            yield f"**{check.name}**"
            yield ""
            yield "<pre>" + escape("\n".join(lines), quote=False) + "</pre>"  # what a service answered is only text
            yield ""


def _cell(text: str) -> str:
    """Return a text in which nothing is Markdown, HTML or a link."""
    return ACTIVE.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))
