// What is wrong with the rows, below them: each reason leads to its cell.

import { make } from "./elements.js";

const MAX_SHOWN = 20;

// `cells` are {row, column, name, reason} by places; `unknown` are names of columns that the model does not read.
export function showReasons(list, cells, columns, { unknown, onChoose }) {
  const isTold = (cell, place) => cell.column !== null || cell.name || place === 0; // whole rows have one reason
  const items = cells.filter(isTold).slice(0, MAX_SHOWN).map((cell) => makeReason(cell, columns, onChoose));
  const more = cells.length - items.length;
  if (more > 0) items.push(make("li", {}, `and ${more} more, marked in the table`));
  if (unknown.length > 0) items.push(makeNarrowing(unknown));
  list.replaceChildren(...items);
  list.hidden = items.length === 0;
}

function makeReason({ row, column, name, reason }, columns, onChoose) {
  const named = [row === null ? null : `row ${row}`, column === null ? name : columns[column] || "index"];
  const text = `${named.filter(Boolean).join(", ")}: ${reason}`;
  if (row === null) return make("li", {}, text);
  const button = make("button", { type: "button", className: "link" }, text);
  button.addEventListener("click", () => onChoose(row, column ?? 0));
  return make("li", {}, button);
}

function makeNarrowing(unknown) {
  const button = make("button", { type: "button", className: "quiet" }, `Leave out ${unknown.join(", ")}`);
  button.dataset.do = "narrow";
  return make("li", {}, `The model does not read ${unknown.length === 1 ? "this column" : "these columns"}. `, button);
}
