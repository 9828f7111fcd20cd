// The outcome of an audit as elements.

import { make } from "./elements.js";

const MARKS = { parity: "✓", diverged: "✗", inconclusive: "–", "other artefact": "≠" };
const SIGNED = {
  none: "not signed", unchecked: "signed; not checked", unable: "signed; not checked", "wrong key": "signed; not checked",
  broken: "not of this key, or changed after signing", right: "of the key that you gave",
};
const MAX_FINDINGS = 5;

/** Return the elements that show what was judged of a file. */
export function showAudit(name, audited, judged) {
  return [
    make("p", { className: "from" }, name),
    make("h2", { className: `verdict ${judged.verdict === "parity" ? "good" : "bad"}`, "data-verdict": judged.verdict, tabIndex: -1 },
      mark(judged.verdict), judged.words),
    ...(judged.reasons.length ? [make("ul", {}, ...judged.reasons.map((reason) => make("li", {}, ...writeCode(reason))))] : []),
    ...judged.runs.map((run) => showRun(run, judged.signed)),
    ...audited.splits.map(showSplit),
  ];
}

/** Return a text whose parts between backticks are code. */
export function writeCode(text) {
  return text.split("`").map((part, place) => (place % 2 ? make("code", {}, part) : part));
}

function mark(verdict) {
  return make("span", { className: "mark", "aria-hidden": "true" }, `${MARKS[verdict] ?? "?"} `);
}

function showRun(run, signed) {
  const { bundle, served } = run;
  const compared = run.checks.reduce((sum, check) => sum + (check.compared ?? 0), 0);
  const here = served ? `${served.name} version ${served.version}${served.aliases.map((alias) => ` · ${alias}`).join("")}` : "no model that is served here";
  const series = bundle.series === undefined ? "" : `, ${bundle.touched ?? 1} of ${bundle.series} series`;
  const facts = [
    ["Model", `${bundle.name}, ${bundle.kind}${bundle.symbol ? ` ${bundle.symbol}` : ""}${series}`],
    ["Here it is", here],
    ["Digest", make("code", {}, bundle.digest)],
    ["Guaranteed", Object.entries(bundle.guarantees ?? {}).map(([output, demand]) => `${output}: ${demand}`).join(", ")],
    ["Asked", `${run.url}, ${run.time}${run.door ? `, through the door ${run.door}` : ""}`],
    ["Compared", `${compared} values in ${run.checks.length} checks: ${run.verdict}`],
    ["Signature", SIGNED[signed]],
  ];
  return make("section", {},
    make("h3", {}, `The run at ${run.url}`),
    make("table", { className: "facts" }, make("tbody", {}, ...facts.map(([name, value]) => row(name, value)))),
    ...showDifferences(run.differences),
    ...run.checks.filter((check) => check.verdict !== "parity" && check.proves).map(showBreak),
    make("h4", {}, "What was compared"), showChecks(run.checks));
}

function row(name, ...values) {
  return make("tr", {}, make("th", { scope: "row" }, name), ...values.map((value) => make("td", {}, value)));
}

function table(headings, rows) {
  const head = make("tr", {}, ...headings.map((heading) => make("th", { scope: "col" }, heading)));
  return make("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": headings.join(", ") },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

function showDifferences(differences) {
  const changed = differences.filter((each) => !each.isSame);
  const same = differences.filter((each) => each.isSame).map((each) => each.name).join(", ");
  const rows = changed.map(({ name, saw, here }) => row(name, saw, here));
  return [
    make("h4", {}, "Then and now"),
    make("p", {}, changed.length ? "This process differs from the one that was asked:" : "This process says the same of itself as the one that was asked."),
    ...(changed.length ? [table(["what", "the run saw", "runs here"], rows)] : []),
    ...(same ? [make("p", { className: "same" }, `The same: ${same}.`)] : []),
  ];
}

function showChecks(checks) {
  const isTold = checks.some((check) => check.proves); // by a report, not by a certificate
  const rows = checks.map((check) => row(check.name, make("span", {}, mark(check.verdict), check.verdict),
    String(check.compared), ...(isTold ? [check.proves] : [])));
  return table(["check", "verdict", "compared", ...(isTold ? ["it shows that"] : [])], rows);
}

/** Show where a check of a report broke: stage, row, column, both values, and how to see it again. */
function showBreak(check) {
  const { location } = check;
  const places = location === null || location === undefined ? [] : [
    ["Row", location.key], ["Stage", location.stage], ["Column", location.column || "the only one"],
    ["Expected", String(location.local)], ["Served", String(location.served)],
  ];
  const again = [location?.curl, check.again].filter(Boolean);
  return make("section", { className: "break" },
    make("h4", {}, mark(check.verdict), `${check.name}: where it broke`),
    ...(places.length ? [make("table", { className: "facts" }, make("tbody", {}, ...places.map(([name, value]) => row(name, value))))] : []),
    make("ul", {}, ...check.findings.slice(0, MAX_FINDINGS).map((finding) => make("li", {}, finding))),
    ...(check.n_findings > MAX_FINDINGS ? [make("p", {}, `${check.n_findings} findings in all.`)] : []),
    ...(check.shortfall ? [make("p", {}, check.shortfall)] : []),
    ...again.map((command) => make("pre", { tabIndex: 0 }, make("code", {}, command))));
}

function showSplit(split) {
  const rows = split.arms.map((arm) => row(`${arm.name} (version ${arm.version})`, `${arm.answers} of ${split.asked}`, `${arm.fewest} to ${arm.most}`));
  return make("section", {}, make("h3", {}, `How ${split.url} shared its first answers`),
    table(["version", "answers", "agrees with its share"], rows), showChecks(split.checks));
}
