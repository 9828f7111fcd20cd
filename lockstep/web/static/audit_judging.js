// What a certificate or report says of the model that runs here, by the rules of `lockstep parity --check-certificate`.

import { CHECKS, SPLIT_CHECKS } from "./audit_checks.js";

const PARITY = "parity";
const UNSURE = {
  unchecked: "Its signature is not checked: give the public key as well.",
  unable: "Its signature is not checked: this browser cannot check Ed25519 here. It needs https, or localhost, and a browser "
    + "of 2025 or later. `lockstep parity --check-certificate` checks it everywhere.",
  "wrong key": "Its signature is not checked: the public key is no Ed25519 key.",
};

/** Return the verdict, its words and the reasons; `version` is the answer of /version. */
export function judge(audited, version, signed) {
  const what = audited.kind;
  const runs = audited.runs.map((run) => ({ ...run, served: findServed(run, version), differences: compare(run, version) }));
  const told = { runs, signed, reasons: [] };
  if (signed === "broken") {
    return { ...told, verdict: "diverged", words: "Do not rely on this certificate.",
      reasons: ["The signature is not of this key, or the certificate was changed after signing."] };
  }
  if (!runs.some((run) => run.served)) {
    return { ...told, verdict: "other artefact", words: `This ${what} is of another model than the one that runs here.`,
      reasons: runs.map((run) => `It is of ${run.bundle.name} with the digest ${run.bundle.digest}.`) };
  }
  const is = `This ${what} is of the model that runs here`;
  const failed = listFailed(audited);
  if (failed.length) {
    return { ...told, verdict: "diverged", words: `${is}, but the run did not end in parity.`, reasons: failed };
  }
  const gaps = [...runs.flatMap(findGapsOfRun), ...audited.splits.flatMap((split) => findGapsOfSplit(split, runs))];
  const unsure = signed === "none" ? [describeUnsigned(what)] : signed === "right" ? [] : [UNSURE[signed]];
  if (gaps.length) {
    return { ...told, verdict: "inconclusive", words: `${is}, but it is not of a whole run.`, reasons: [...gaps, ...unsure] };
  }
  if (unsure.length) {
    const but = signed === "none" ? "nobody has signed it" : "its signature is not checked";
    return { ...told, verdict: "inconclusive", words: `${is}, but ${but}.`, reasons: unsure };
  }
  return { ...told, verdict: PARITY, words: `${is}.` };
}

function describeUnsigned(what) {
  return what === "report"
    ? "A report is never signed, so anyone may have written it. A certificate can be: `--certificate FILE --sign KEY`."
    : "It is not signed, so anyone may have written it. `--sign KEY` signs one.";
}

function findServed(run, version) {
  return version.models.find((model) => model.digest === run.bundle.digest) ?? null;
}

function listFailed({ runs, splits, verdict }) {
  const checks = [...runs, ...splits].flatMap((each) => each.checks);
  const failed = checks.filter((check) => check.verdict !== PARITY).map((check) => `The check ${check.name} was ${check.verdict}.`);
  const isWhole = runs.every((run) => run.verdict === PARITY) && !failed.length;
  return isWhole ? [] : [...new Set(failed), `The verdict of the run was ${verdict}.`];
}

function findGapsOfRun(run) {
  const { kind, series, symbol } = run.bundle;
  if (series !== undefined && symbol !== null && symbol !== undefined) {
    return [`It is of the series ${symbol} alone. Leave out --symbol to prove the others.`];
  }
  const ran = new Set(run.checks.map((check) => check.name));
  const gaps = (CHECKS[kind] ?? []).filter((name) => !ran.has(name)).map((name) => `The check ${name} is not among its checks.`);
  return run.identity === "shown" ? gaps : [...gaps, `Which bundle answered was ${run.identity}.`];
}

function findGapsOfSplit(split, runs) {
  const ran = new Set(split.checks.map((check) => check.name));
  const wanted = SPLIT_CHECKS.filter((name) => split.sticky || name !== "sticky");
  const missing = wanted.filter((name) => !ran.has(name)).map((name) => `The check ${name} of ${split.url} is not among its checks.`);
  const isProven = (arm) => runs.some((run) => run.url === split.url && run.bundle.digest === arm.digest);
  return [...missing, ...split.arms.filter((arm) => !isProven(arm)).map((arm) => `${arm.name} at ${split.url} was not proven.`)];
}

/** Return rows of a name, what the run saw and what runs here, of all that both know. */
function compare(run, version) {
  const rows = [["commit", run.commit, version.commit], ["server", run.server, version.server]];
  for (const [name, here] of Object.entries(run.libraries ? version.libraries : {})) {
    rows.push([name, run.libraries[name] ?? "none", here]);
  }
  if (run.machine && version.machine) {
    rows.push(["CPU", run.machine.cpu, version.machine.cpu], ["SIMD", run.machine.simd.join(" "), version.machine.simd.join(" ")]);
  }
  return rows.filter(([, saw, here]) => saw && here).map(([name, saw, here]) => ({ name, saw, here, isSame: saw === here }));
}
