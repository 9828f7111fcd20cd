"""The models and versions that a process serves, as one table: what each is, what it was worth, and its digest."""

from xml.etree.ElementTree import Element

from msgspec import UNSET

from lockstep.bundles.entries import RETURN
from lockstep.bundles.manifest import Manifest, PanelManifest, SeriesManifest
from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.shown_verdict import serves_no_change
from lockstep.bundles.verdicts import BETTER, NOT_BETTER, WORSE, Verdict
from lockstep.report_card.digits import show_count
from lockstep.report_card.figures import choose_score
from lockstep.report_card.markup import Child, element, write_element
from lockstep.report_card.scores import list_scores
from lockstep.report_card.tables import wrap
from lockstep.web.addresses import locate_console

HEADS = ("model", "kind", "verdict", "score", "digest")
VERDICTS: dict[Verdict, str] = {
    WORSE: 'worse than "no change"',
    NOT_BETTER: 'not better than "no change"',
    BETTER: 'better than "no change"',
}
SERVES_NO_CHANGE, NO_VERDICT = '"no change" is served', "none"
DIGEST_LETTERS = 12


def write_versions(registry: Registry) -> str:
    """Return the table, a row for each version, as HTML.

    All of it is in the manifests, so a process makes it once, and no test row is predicted anew.
    """
    heads = (element("th", head, scope="col") for head in HEADS)
    rows = (_write_row(served) for served in registry.served)
    table = element("table", element("thead", element("tr", *heads)), element("tbody", *rows))
    wrapped = wrap(table, "table: models and versions")
    wrapped.set("class", "wide versions")
    return write_element(wrapped)


def _write_row(served: Served) -> Element:
    manifest = served.bundle.manifest
    named = f"version {', '.join([str(served.version), *served.aliases])}"
    name, number, beside = choose_score(list_scores(manifest.scores), _name_unit(manifest))
    of_many = ("mean over its series",) if isinstance(manifest, PanelManifest) else ()
    kind, of = _describe_kind(manifest)
    link = element("a", served.name, href=locate_console(served.name, served.version))
    return element(
        "tr",
        element("th", link, *_write_below(named), scope="row"),
        element("td", kind, *_write_below(of)),
        element("td", name_verdict(manifest)),
        element("td", number, *_write_below(beside, name, *of_many)),
        element("td", element("code", manifest.digest[:DIGEST_LETTERS], title=manifest.digest)),
    )


def _write_below(*lines: str) -> tuple[Child, ...]:
    return tuple(element("small", line) for line in lines)


def name_verdict(manifest: Manifest) -> str:
    """Return the verdict of a manifest in few words."""
    if not isinstance(manifest, SeriesManifest | PanelManifest) or manifest.verdict is UNSET:
        return NO_VERDICT
    if isinstance(manifest, SeriesManifest) and serves_no_change(manifest):
        return SERVES_NO_CHANGE
    return VERDICTS[manifest.verdict.verdict]


def _describe_kind(manifest: Manifest) -> tuple[str, str]:
    if isinstance(manifest, SeriesManifest):
        return manifest.kind, manifest.symbol
    if isinstance(manifest, PanelManifest):
        return manifest.kind, f"{show_count(manifest.series)} series"
    return manifest.kind, "of labels" if manifest.classes else "of numbers"


def _name_unit(manifest: Manifest) -> str:
    """Return what the errors are in, as report cards do."""
    if manifest.classes:
        return "label"
    is_return = isinstance(manifest, SeriesManifest | PanelManifest) and manifest.target == RETURN
    return "return" if is_return else "target"
