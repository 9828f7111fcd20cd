// An answer as a table and in words, with as many digits as mean something; the JSON beside it has all of them.

import { showPrice } from "./chart_data.js";
import { make } from "./elements.js";
import { LONG_ROWS } from "./try_grid.js";

const PRICE = /^close/;
const PROBABILITY = /^proba_/;
const SIGNIFICANT = 6;

// Returns the table of a frame; the title of a number is all of it.
export function makeTable(frame, caption) {
  const { columns, data } = frame;
  const isReturn = forecastsReturns(frame);
  const cellOf = (value, place) => {
    const isText = typeof value === "string";
    return make("td", { role: "cell", className: isText ? "" : "number", title: String(value) }, showValue(value, columns[place], isReturn));
  };
  const heading = (name, place) => make("th", { role: "columnheader", className: typeof data[0]?.[place] === "string" ? "" : "number" }, name);
  return make(
    "table", { role: "table", className: data.length > LONG_ROWS ? "lean long" : "lean" },
    make("caption", { className: "hidden" }, caption),
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...columns.map(heading))),
    make("tbody", { role: "rowgroup" }, ...data.map((cells) => make("tr", { role: "row" }, ...cells.map(cellOf)))),
  );
}

// Returns the newest forecast, or the only prediction, as a sentence; what a screen reader hears.
export function describeAnswer(frame, duration) {
  const rows = frame.data.length === 1 ? "1 row" : `${frame.data.length} rows`;
  const words = forecastsReturns(frame) ? describeForecast(frame) : describePrediction(frame);
  return `${words} ${rows}, ${Math.max(1, Math.round(duration))} ms.`;
}

// Returns the bounds of intervals of closes, [{level, lower, upper}] by the places of their columns, the widest first.
export function listBounds(columns) {
  const levels = columns.map((name) => /^close_lo-(.+)$/.exec(name)?.[1]).filter(Boolean);
  const bounds = levels.map((level) => ({ level, lower: columns.indexOf(`close_lo-${level}`), upper: columns.indexOf(`close_hi-${level}`) }));
  return bounds.sort((one, other) => other.level - one.level);
}

// Returns whether a frame is of forecasts of returns: only these have a forecast of the close.
export function forecastsReturns({ columns, data }) {
  const place = columns.indexOf("close_pred");
  return place >= 0 && data.some((cells) => cells[place] !== null);
}

function showValue(value, column, isReturn) {
  if (value === null) return "–";
  if (typeof value !== "number") return String(value);
  if (PRICE.test(column)) return showPrice(value);
  if (PROBABILITY.test(column)) return value.toFixed(3);
  return isReturn ? showReturn(value) : String(Number(value.toPrecision(SIGNIFICANT)));
}

function showReturn(gross) {
  const percent = ((gross - 1) * 100).toFixed(2);
  return `${percent < 0 ? "−" : "+"}${percent.replace("-", "")} %`;
}

function describeForecast(frame) {
  const { columns, data } = frame;
  const newest = data.filter((cells) => cells[columns.indexOf("close_pred")] !== null).at(-1);
  const [date, close] = ["forecast_date", "close_pred"].map((name) => newest[columns.indexOf(name)]);
  const intervals = listBounds(columns).map(({ level, lower, upper }) => `, ${level} % between ${showPrice(newest[lower])} and ${showPrice(newest[upper])}`);
  return `${date ?? "Next"}: ${showPrice(close)}${intervals.reverse().join("")}.`;
}

function describePrediction({ columns, data }) {
  const last = data.at(-1);
  const place = Math.max(columns.indexOf("prediction"), columns.indexOf("y_pred"));
  return data.length === 1 ? `Prediction: ${showValue(last[place], columns[place], false)}.` : "Predictions:";
}
