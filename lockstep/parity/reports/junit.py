"""The record as JUnit XML, the format that CI systems read test results in."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from lockstep.parity.proof import Proof, SplitEntry
from lockstep.parity.record import CheckEntry, Record
from lockstep.parity.suite import Verdict

SUITE = "lockstep parity"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(told: Record | Proof) -> str:
    """Return a suite of each run: a test case a check and one for the verdict, red wherever the exit code is not 0."""
    if isinstance(told, Record):
        return _write(_describe_run(told))
    suites = Element("testsuites", name=SUITE)
    suites.extend(map(_describe_split, told.splits))
    suites.extend(map(_describe_run, told.records))
    return _write(suites)


def _write(element: Element) -> str:
    return tostring(element, encoding="unicode", xml_declaration=True) + "\n"


def _describe_split(split: SplitEntry) -> Element:
    suite = Element("testsuite", name=f"{SUITE} of shares")
    properties = SubElement(suite, "properties")
    arms = {f"digest of {arm.name}": arm.digest for arm in split.arms}
    for name, value in {"url": split.url, "shares": split.summary, **arms}.items():
        SubElement(properties, "property", name=name, value=_clean(value))
    for check in split.checks:
        _add_case(suite, check.name, check.duration_s, check.verdict, _describe(check))
    return _count(suite)


def _describe_run(record: Record) -> Element:
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
    return _count(suite)


def _count(suite: Element) -> Element:
    for kind in ("failure", "error"):
        suite.set(f"{kind}s", str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    return suite


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
