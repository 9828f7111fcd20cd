// The columns of a price file that are not those of bars: what is known of them without doubt, by the rules of
// lockstep/data/price_files/columns.py and text.py.

import { UnreadableFile } from "./try_csv.js";
import { isLikeDate } from "./try_dates.js";

const ACTIONS = new Set(["dividends", "stock_splits", "capital_gains"]); // beside prices that contain them already
const UNNAMED = /^(?:|unnamed:_\d+|__index_level_\d+__)$/; // what pandas calls an index without a name
const COUNTED = "the column without a name, which counts the rows";
const DATE = "date";
const [FIELD, TICKER] = ["Price", "Ticker"]; // the first cells of two lines that yfinance writes
const PLAIN_DATE = /^\d{4}-\d\d-\d\d(?: 00:00:00(?:[+-]\d\d:\d\d)?)?$/;
const MAX_LISTED = 20;

// Returns the frame of a file with one line of names. yfinance writes names of prices, then symbols, or the other way
// round, then the name of the index alone. Elsewhere two lines are refused, as the lines of pandas below read one.
export function takeHeader({ columns, rows }, remedies) {
  const levels = new Map([columns, rows[0]].map(([first, ...others]) => [first.trim(), others]));
  const isOfTickers = levels.has(FIELD) && levels.has(TICKER);
  const said = isOfTickers ? [takeOneTicker(levels.get(TICKER), remedies)] : [];
  if (isOfTickers && rows.length > 2 && rows.slice(2).every(isPlain)) {
    return { columns: [rows[1][0].trim(), ...levels.get(FIELD)], rows: rows.slice(2), said };
  }
  if (!isOfTickers && !rows.slice(0, 2).some(isIndexAlone)) return { columns, rows, said };
  const other = columns.includes("Close") ? 1 : 0; // the level of the symbols
  throw new UnreadableFile(`It has two header rows; expected one. pandas writes it: ${remedies.ofHeaders(other)}`);
}

function isIndexAlone([first, ...others]) {
  return first === "Date" && others.every((cell) => cell === "");
}

function isPlain(cells) {
  return PLAIN_DATE.test(cells[0]) && !cells.some((cell) => cell.includes(","));
}

function takeOneTicker(written, remedies) {
  const tickers = [...new Set(written)].sort();
  if (tickers.length === 1) return `the columns have two levels, price and ticker; all are of ${tickers[0]}`;
  throw new UnreadableFile(`It holds ${tickers.length} series side by side: ${tickers.slice(0, MAX_LISTED).join(", ")}. ` +
    `pandas writes one of them: ${remedies.ofTicker(tickers[0])}`);
}

export function isUnnamed(name) {
  return UNNAMED.test(name);
}

// Returns the frame without the columns of `ACTIONS`; a column without a name holds the dates, or is left out.
export function tidyColumns({ columns, rows }, schema) {
  const names = columns.map((name) => schema.nameOf(name));
  const hasDate = names.includes(DATE);
  const unnamed = [...columns.keys()].filter((place) => isUnnamed(names[place]));
  const called = new Map(unnamed.map((place) => [place, nameIndex(rows.map((cells) => cells[place]), hasDate)]));
  const named = columns.map((name, place) => called.get(place) ?? name);
  const left = [...columns.keys()].filter((place) => named[place] === COUNTED || ACTIONS.has(names[place]));
  const said = hasDate || !named.includes(DATE) ? [] : ["a column without a name holds the dates"];
  if (left.length > 0) said.push(`left out: ${left.map((place) => named[place]).join(", ")}`);
  const keep = (cells) => cells.filter((_, place) => !left.includes(place));
  return { columns: keep(named), rows: rows.map(keep), said };
}

// Returns what a column without a name is called: `DATE`, or `COUNTED`.
function nameIndex(column, hasDate) {
  if (!hasDate && isLikeDate(column[0])) return DATE;
  if (hasDate && counts(column)) return COUNTED;
  const expected = hasDate ? "the numbers of the rows" : "dates, as no column is called Date";
  throw new UnreadableFile(`The column without a name holds ${JSON.stringify(column[0])}; expected ${expected}. In pandas, write none: prices.to_csv(…, index=False)`);
}

// Returns whether the cells are whole numbers, each larger than the one before; pandas may have made them floats.
function counts(column) {
  const texts = column.map((cell) => cell.replace(/\.0$/, ""));
  return texts.every((text) => /^\s*[+-]?\d+\s*$/.test(text)) && texts.every((text, row) => row === 0 || Number(texts[row - 1]) < Number(text));
}
