// The form of a certificate: its members in the order in which they are written; a test compares them with the library.

const CHECK = { name: "string", verdict: "string", compared: "integer" };
const BUNDLE = { name: "string", kind: "string", symbol: "string or null", digest: "string", predictor: "string",
  guarantees: "texts", "series?": "integer", "touched?": "integer" };
const ARM = { name: "string", version: "integer", digest: "string", weight: "integer", share: "number", answers: "integer",
  fewest: "integer", most: "integer", passed_over: "integer", most_tries: "integer" };
const SPLIT = { url: "string", sticky: "string", asked: "integer", arms: [ARM], checks: [CHECK] };
const CERTIFICATE = { schema_version: "integer", bundle: BUNDLE, url: "string", commit: "string", environment: "string",
  scheme: "integer", seed: "integer", time: "string", checks: [CHECK], leaves_reached: "integer", n_leaves: "integer",
  verdict: "string", signature: "string", "door?": "string", "identity?": "string", "libraries?": "texts",
  "server?": "string" };
CERTIFICATE["beside?"] = [CERTIFICATE];
CERTIFICATE["splits?"] = [SPLIT];

const ARE = {
  string: (value) => typeof value === "string",
  "string or null": (value) => value === null || typeof value === "string",
  integer: Number.isInteger,
  number: (value) => typeof value === "number",
  texts: (value) => isObject(value) && Object.values(value).every(ARE.string),
};
const NUMBER = /("[^"\\]*(?:\\.[^"\\]*)*")|-?\d[\d.eE+-]*/g;

/**
 * Return whether a text is a certificate as `lockstep parity` writes one; `told` is what it holds.
 *
 * Laid out in the same way, it has no member twice. JavaScript writes some numbers otherwise, so they are left out.
 */
export function isAsWritten(text, told) {
  const mask = (json) => json.replace(NUMBER, (_, literal) => literal ?? "0");
  return fits(told, CERTIFICATE) && mask(text) === mask(`${JSON.stringify(told, null, 2)}\n`);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fits(value, form) {
  if (typeof form === "string") return ARE[form](value);
  if (Array.isArray(form)) return Array.isArray(value) && value.every((each) => fits(each, form[0]));
  if (!isObject(value)) return false;
  const there = Object.keys(form).filter((name) => !name.endsWith("?") || name.slice(0, -1) in value);
  const names = there.map((name) => name.replace("?", ""));
  return names.join() === Object.keys(value).join() && there.every((name, place) => fits(value[names[place]], form[name]));
}
