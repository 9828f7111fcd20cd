// The probabilities of one row as bars.

import { make } from "./elements.js";

const NAME = /^proba_/;

// Returns the label of a row and a bar for each probability; null if the frame is not one row with probabilities.
export function makeBars({ columns, data }) {
  const places = columns.map((name, place) => place).filter((place) => NAME.test(columns[place]));
  if (data.length !== 1 || places.length === 0) return null;
  const label = String(data[0][columns.indexOf("prediction")]);
  const rows = places.map((place) => makeBar(columns[place].replace(NAME, ""), data[0][place], label));
  return make("div", { className: "probabilities" }, make("p", { className: "label" }, label), make("dl", {}, ...rows.flat()));
}

function makeBar(name, share, label) {
  const bar = make("span", { className: "bar" });
  bar.style.inlineSize = `${share * 100}%`;
  const isChosen = name === label;
  return [
    make("dt", { className: isChosen ? "chosen" : "" }, isChosen ? `${name} ✓` : name),
    make("dd", {}, make("span", { className: "track", "aria-hidden": "true" }, bar), share.toFixed(3)),
  ];
}
