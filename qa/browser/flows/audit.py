"""The audit of certificates and reports at `/audit`."""

import json

from playwright.sync_api import Route, expect

from qa.browser.chromium import ELSEWHERE
from qa.browser.flows.dropping import drop_files
from qa.browser.flows.trying import require
from qa.browser.plan import ALL_VIEWS, DESKTOP, NO_SCRIPT, Flow
from qa.browser.services import KEYED, SERIES, TABLE
from qa.browser.visit import Visit

VERDICT = "[data-shown] h2"
SETTLED_MS = 500
"""For a file that was read, and for an answer that was."""


def _choose(visit: Visit, *names: str) -> None:
    chooser = visit.page.get_by_label("Certificate or report")
    expect(chooser).to_be_visible()  # the script has started
    chooser.set_input_files([visit.places.files / name for name in names])


def open_audit(visit: Visit) -> None:
    """Show that the audit says what runs here, and how to make a certificate."""
    expect(visit.page.get_by_role("heading", name="What runs here")).to_be_visible()
    expect(visit.page.get_by_label("Public key")).to_be_visible()


def audit_a_certificate(visit: Visit) -> None:
    """Show that a signed certificate of the model that runs here is one."""
    _choose(visit, "signed.json", "parity.pub")
    expect(visit.page.locator(VERDICT)).to_have_text("✓ This certificate is of the model that runs here.")
    expect(visit.page.get_by_text("of the key that you gave")).to_be_visible()


def drop_a_certificate(visit: Visit) -> None:
    """Show that a certificate and the key can be dropped, together."""
    expect(visit.page.get_by_label("Certificate or report")).to_be_visible()  # the script has started
    names = ("signed.json", "parity.pub")
    drop_files(visit, "[data-part=audit]", {name: (visit.places.files / name).read_text() for name in names})
    expect(visit.page.locator(VERDICT)).to_have_text("✓ This certificate is of the model that runs here.")


def audit_every_certificate(visit: Visit) -> None:
    """Show that each certificate gets the verdict of `lockstep parity --check-certificate`."""
    expected = json.loads((visit.places.files / "expected.json").read_text())
    for name, verdict in expected.items():
        _choose(visit, name, "parity.pub")
        expect(visit.page.locator("[data-shown] .from")).to_have_text(name)
        expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", verdict)


def audit_refused_files(visit: Visit) -> None:
    """Show that a file which the command does not read is none for the page, whatever its signature."""
    for name in json.loads((visit.places.files / "refused.json").read_text()):
        _choose(visit, "signed.json", "parity.pub")
        expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", "parity")
        _choose(visit, name)
        expect(visit.page.locator(VERDICT), name).to_have_text("This cannot be audited")


def audit_in_a_hurry(visit: Visit) -> None:
    """Show that a certificate is never judged by the signature of another one that was dropped before it."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route("**/version", hold, times=1)
    _choose(visit, "signed.json", "parity.pub")
    visit.page.wait_for_timeout(SETTLED_MS)
    require(len(held) == 1, "the first certificate has not asked what runs here")
    _choose(visit, "changed.json")
    expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", "diverged")
    with visit.page.expect_response("**/version"):
        held.pop().continue_()
    visit.page.wait_for_timeout(SETTLED_MS)
    expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", "diverged")


def audit_from_elsewhere(visit: Visit) -> None:
    """Show that without https, where a browser checks no signature, a certificate is never called right."""
    visit.page.wait_for_load_state("networkidle")
    visit.url = visit.url.replace("127.0.0.1", ELSEWHERE)
    visit.open("/audit")
    require(visit.page.evaluate("!isSecureContext && !crypto.subtle"), "this browser checks signatures here")
    expected = json.loads((visit.places.files / "expected.json").read_text())
    for name, verdict in expected.items():
        _choose(visit, name, "parity.pub")
        expect(visit.page.locator("[data-shown] .from")).to_have_text(name)
        is_signed_wrong = name in ("changed.json", "other-key.json")
        unchecked = "inconclusive" if verdict == "parity" or is_signed_wrong else verdict
        expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", unchecked)
    _choose(visit, "signed.json", "parity.pub")
    expect(visit.page.locator(VERDICT)).to_contain_text("but its signature is not checked")
    expect(visit.page.locator("[data-shown]")).to_contain_text("this browser cannot check Ed25519 here")


def audit_without_key(visit: Visit) -> None:
    """Show that a signature is called unchecked until the key is pasted."""
    _choose(visit, "signed.json")
    expect(visit.page.locator(VERDICT)).to_contain_text("but its signature is not checked")
    visit.page.get_by_label("Public key").fill((visit.places.files / "parity.pub").read_text())
    expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", "parity")


def audit_a_report(visit: Visit) -> None:
    """Show that a report of a run that broke says at which stage, row and column, with both values."""
    _choose(visit, "report.json")
    expect(visit.page.locator(VERDICT)).to_contain_text("but the run did not end in parity")
    broke = visit.page.locator(".break").first
    for words in ("2009-05-15", "features", "return", "1.0079760717846604", "1.0079760717846602"):
        expect(broke).to_contain_text(words)
    broke.scroll_into_view_if_needed()


def audit_wrong_files(visit: Visit) -> None:
    """Show that a wrong file is refused with what writes a right one."""
    shown = visit.page.locator("[data-shown]")
    for name, words in (
        ("parity.key", "is a private key"),
        ("cells.csv", "is not JSON"),
        ("number.json", "no certificate or report"),
        ("expected.json", "no certificate or report"),
    ):
        _choose(visit, name)
        expect(shown).to_contain_text(f"{name} ")
        expect(shown).to_contain_text(words)
    expect(shown).to_contain_text("lockstep parity URL --certificate")


def audit_with_keys(visit: Visit) -> None:
    """Show that a service with keys compares a certificate without one."""
    _choose(visit, "report.json")
    expect(visit.page.locator(VERDICT)).to_have_attribute("data-verdict", "diverged")


def open_audit_without_script(visit: Visit) -> None:
    """Show that without script the audit names the command that finds the same."""
    expect(visit.page.get_by_text("lockstep parity --check-certificate")).to_be_visible()
    expect(visit.page.get_by_label("Certificate or report")).to_be_hidden()


FLOWS = (
    Flow(SERIES, "/audit", open_audit, ALL_VIEWS, "audit"),
    Flow(TABLE, "/audit", audit_a_certificate, picture="audit-certificate"),
    Flow(TABLE, "/audit", drop_a_certificate, (DESKTOP,)),
    Flow(TABLE, "/audit", audit_every_certificate, (DESKTOP,)),
    Flow(TABLE, "/audit", audit_refused_files, (DESKTOP,)),
    Flow(TABLE, "/audit", audit_in_a_hurry, (DESKTOP,)),
    Flow(KEYED, "/audit", audit_from_elsewhere, (DESKTOP,)),
    Flow(TABLE, "/audit", audit_without_key, (DESKTOP,)),
    Flow(SERIES, "/audit", audit_a_report, picture="audit-report"),
    Flow(SERIES, "/audit", audit_wrong_files),
    Flow(KEYED, "/audit", audit_with_keys, (DESKTOP,)),
    Flow(SERIES, "/audit", open_audit_without_script, (NO_SCRIPT,)),
)
