// A dropped file: a certificate or a report of `lockstep parity`, a public key, or neither, with what was expected.

import { isAsWritten } from "./audit_form.js";

const WRITES = "`lockstep parity URL --certificate certificate.json` writes a certificate, "
  + "and `lockstep parity URL --json > report.json` a report.";
const PUBLIC = "openssl pkey -in KEY -pubout -out KEY.pub";

/** Is thrown for a file that cannot be audited; the message says why, and what writes one that can. */
export class WrongFile extends Error {}

/** Return what a file holds: `{key}`, or `{kind, text, verdict, signature, runs, splits}`; throws `WrongFile`. */
export function readAudited(name, text) {
  const start = text.trimStart();
  if (start.startsWith("-----BEGIN")) {
    return { key: readKey(name, text) };
  }
  if (start.startsWith("<")) {
    throw new WrongFile(`${name} is a page or XML, which holds no more than is shown. Drop the JSON of the run: ${WRITES}`);
  }
  const told = parse(name, text);
  if (Array.isArray(told?.records) && Array.isArray(told.splits)) {
    return { kind: "report", text, verdict: told.verdict, signature: "", runs: told.records.map(readRun), splits: told.splits };
  }
  const is = { certificate: typeof told?.environment === "string" && "signature" in told, report: "predictions" in Object(told) };
  if (!looksLikeRun(told) || !(is.certificate || is.report)) {
    throw new WrongFile(`${name} is JSON, but no certificate or report of \`lockstep parity\`. ${WRITES}`);
  }
  if (is.certificate && !isAsWritten(text, told)) {
    throw new WrongFile(`${name} is not as \`lockstep parity\` writes a certificate, so the command does not take it either. `
      + "Was it laid out anew, or written by another version? Drop the file that the run wrote.");
  }
  return is.certificate ? readCertificate(told, text) : {
    kind: "report", text, verdict: told.verdict, signature: "", runs: [readRun(told)], splits: [] };
}

function parse(name, text) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")); // PowerShell writes one before a report
  } catch (fault) {
    throw new WrongFile(`${name} is not JSON (${fault.message}). ${WRITES}`);
  }
}

function readKey(name, text) {
  if (text.includes("PRIVATE KEY")) {
    throw new WrongFile(`${name} is a private key: show it to nobody, and to no page. The public key is written by \`${PUBLIC}\`.`);
  }
  if (!text.includes("BEGIN PUBLIC KEY")) {
    throw new WrongFile(`${name} holds no public key in PEM. \`${PUBLIC}\` writes one.`);
  }
  return text;
}

function looksLikeRun(told) {
  const isCheck = (check) => typeof check?.name === "string" && typeof check.verdict === "string";
  return typeof told?.bundle?.digest === "string" && typeof told.verdict === "string"
    && Array.isArray(told.checks) && told.checks.every(isCheck) && (told.beside ?? []).every(looksLikeRun);
}

function readCertificate(told, text) {
  return { kind: "certificate", text, verdict: told.verdict, signature: told.signature,
    runs: [told, ...(told.beside ?? [])].map(readRun), splits: told.splits ?? [] };
}

// A record and a certificate name the same facts differently.
function readRun(told) {
  if (!looksLikeRun(told)) {
    throw new WrongFile(`a run in this file is incomplete. ${WRITES}`);
  }
  const service = told.service ?? {};
  return {
    bundle: told.bundle, verdict: told.verdict, checks: told.checks, url: told.url, seed: told.seed,
    commit: told.service_commit ?? told.commit, time: told.started ?? told.time, server: told.server ?? null,
    libraries: service.libraries ?? told.libraries ?? null, machine: service.machine ?? null,
    door: told.door ?? "", identity: told.identity ?? "shown",
  };
}
