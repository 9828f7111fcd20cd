// The text of a cell, and the JSON that stands for it. A number stays the text that was typed, so no digit is lost.

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
// what pandas reads as a missing number
const MISSING = new Set(["", "NaN", "nan", "NA", "N/A", "n/a", "<NA>", "NULL", "null", "None", "-NaN", "-nan", "#N/A"]);
const EXPECTED = { date: "a date like 2013-03-01", number: "a number", integer: "a whole number" };

export function isMissing(text, type) {
  return type === "text" || type === "category" ? text === "" : MISSING.has(text.trim());
}

// Returns the JSON of a cell; `type` is that of its column: date, number, integer, category, text, or undefined.
export function writeCell(text, type) {
  if (isMissing(text, type)) return "null";
  if (type === "date" || type === "category" || type === "text") return JSON.stringify(text);
  return writeNumber(text.trim()) ?? JSON.stringify(text);
}

// Returns what is wrong with the form of a cell, "" if nothing is; all else the service knows better.
export function checkCell(text, type) {
  if (isMissing(text, type) || !(type in EXPECTED)) return "";
  const fits = type === "date" ? DATE.test(text.trim().slice(0, 10)) : writeNumber(text.trim()) !== null;
  return fits ? "" : `${JSON.stringify(text)} is not ${EXPECTED[type]}`;
}

// Returns a number in the grammar of JSON, which knows no `+1`, `.5`, `1.` and `007`; null if it is no number.
function writeNumber(text) {
  if (JSON_NUMBER.test(text)) return text;
  const [, sign, whole, part, exponent = ""] = NUMBER.exec(text) ?? [];
  if (!whole && !part) return null;
  const digits = (whole || "0").replace(/^0+(?=\d)/, "");
  return (sign === "-" ? "-" : "") + digits + (part ? `.${part}` : "") + exponent;
}
