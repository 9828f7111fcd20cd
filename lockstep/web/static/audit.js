// The audit of a certificate or report of `lockstep parity`: everything happens in this browser.

import { make } from "./elements.js";
import { startFiles } from "./files.js";
import { judge } from "./audit_judging.js";
import { readAudited, WrongFile } from "./audit_reading.js";
import { showAudit, writeCode } from "./audit_showing.js";
import { checkSignature } from "./audit_signature.js";

const MAX_BYTES = 64 * 1024 * 1024; // a report of a million rows has less
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a byte that is changed is refused, not mended

/** Start the audit of a page; whoever sees it may ask for /version as well, so it needs no key. */
export function startAudit(part) {
  const field = part.querySelector("textarea");
  const shown = part.querySelector("[data-shown]");
  let latest = null; // what was dropped last, with its name
  let begun = 0; // audits; only the outcome of the newest is shown
  part.querySelector("[data-without-script]").hidden = true;
  part.querySelector(".drop").hidden = false;

  function show(elements) {
    const isTyping = document.activeElement === field;
    shown.replaceChildren(...elements);
    if (isTyping) return; // whoever types the key goes on
    shown.querySelector("h2").focus({ preventScroll: true });
    shown.scrollIntoView({ block: "nearest" });
  }
  async function audit({ name, audited }) {
    const signed = await checkSignature(audited, field.value.trim());
    const answer = await fetch("/version", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) throw new WrongFile("This service does not say what it runs: it gave no answer, or refused one.");
    return showAudit(name, audited, judge(audited, await answer.json(), signed));
  }
  async function take(files) {
    for (const file of files) {
      if (file.size > MAX_BYTES) throw new WrongFile(`${file.name} has ${file.size} bytes; a report has at most ${MAX_BYTES}.`);
      const audited = readAudited(file.name, TEXT.decode(await file.arrayBuffer()));
      if (audited.key) field.value = audited.key;
      else latest = { name: file.name, audited };
    }
    return latest && audit(latest);
  }
  async function showNewest(begin) {
    const number = (begun += 1);
    const elements = await begin().catch(refuse);
    if (elements && number === begun) show(elements);
  }
  startFiles(part, (files) => showNewest(() => take(files)));
  field.addEventListener("input", () => latest && showNewest(() => audit(latest)));
}

function refuse(fault) {
  // any other fault comes of members of other types; the verdict of the file before may not stay
  const said = fault instanceof WrongFile ? fault.message : `The file is not as \`lockstep parity\` writes it: ${fault.message}.`;
  return [make("h2", { className: "error", tabIndex: -1 }, "This cannot be audited"), make("p", {}, ...writeCode(said))];
}
