"""The record as JUnit XML, the format that CI systems read test results in."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from lockstep.parity.record import CheckEntry, Record
from lockstep.parity.suite import Verdict

SUITE = "lockstep parity"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(record: Record) -> str:
    """Return one test case a check and one for the verdict of the run, which is red wherever the exit code is not 0."""
    suite = Element("testsuite", name=SUITE, timestamp=record.started, time=f"{record.duration_s:.3f}")
    properties = SubElement(suite, "properties")
    for name, value in (
        ("url", record.url),
        ("bundle", record.bundle.name),
        ("digest", record.bundle.digest),
        ("service commit", record.service_commit),
        ("predictor", record.bundle.predictor),
        *((f"guarantee of {output}", demand) for output, demand in record.bundle.guarantees.items()),
        ("seed", str(record.seed)),
        *((("door", record.door), ("identity", record.identity)) if record.door else ()),
        ("compared", record.summary),
    ):
        SubElement(properties, "property", name=name, value=_clean(value))
    for check in record.checks:
        _add_case(suite, check.name, check.duration_s, check.verdict, _describe(check))
    reason = record.shortfall or f"the verdict of the run is {record.verdict}"
    _add_case(suite, "verdict", 0.0, record.verdict, [reason])
    for kind in ("failure", "error"):
        suite.set(f"{kind}s", str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(record.checks) + 1))
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: Element, name: str, duration_s: float, verdict: str, lines: list[str]) -> None:
    case = SubElement(suite, "testcase", classname=SUITE, name=name, time=f"{duration_s:.3f}")
    if verdict != Verdict.PARITY.word:
        kind = "error" if verdict == Verdict.INCONCLUSIVE.word else "failure"
        text = _clean("\n".join(lines))
        SubElement(case, kind, type=verdict, message=text.partition("\n")[0]).text = text


def _describe(check: CheckEntry) -> list[str]:
    lines = [*check.findings]
    if check.n_findings > len(check.findings):
        lines.append(f"… and {check.n_findings - len(check.findings)} more")
    if check.location:
        lines.append(str(check.location))
    lines += check.repeating
    return lines or [check.shortfall]


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
