// Price files as people have them: how they are written is found out and said, or refused with what settles it, by the
// rules of lockstep/data/price_files. Of columns that no model reads the page says so itself.

import { COMMA, readCsv, readHeader, SEPARATORS, UnreadableFile } from "./try_csv.js";
import { readDates } from "./try_dates.js";
import { readDecimals } from "./try_decimals.js";

const UNNAMED = "Unnamed: 0"; // as pandas calls a first column without a name

// Returns the frame of a file, with dates and numbers as a request has them, and what there is to say of how it was read.
export function readPrices(text, schema) {
  const separator = chooseSeparator(readHeader(text));
  const { columns, rows } = readCsv(text, separator);
  const named = columns.findIndex((name) => schema.nameOf(name) === "date");
  const place = named < 0 ? columns.indexOf("") : named;
  const remedies = writeRemedies(separator, columns[place]);
  refuseTwoHeaders(columns, rows, remedies);
  const said = separator === COMMA ? [] : [`${SEPARATORS[separator]} separate the columns`];
  // without a comma in a cell of comma-separated columns, a point is the decimal mark
  const mayDiffer = separator !== COMMA || rows.some((cells) => cells.some((cell) => cell.includes(",")));
  if (place >= 0) {
    const { dates, said: how } = readDates(rows.map((cells) => cells[place]), remedies);
    rows.forEach((cells, row) => { cells[place] = dates[row]; });
    said.push(...how);
  }
  const numbers = [...columns.keys()].filter((column) => schema.typeOf(columns[column]) === "number");
  if (mayDiffer) said.push(...readDecimals(rows, numbers, remedies));
  return { frame: { columns, rows }, said };
}

function chooseSeparator(header) {
  const there = Object.keys(SEPARATORS).filter((separator) => header.includes(separator));
  if (there.length < 2) return there[0] ?? COMMA;
  throw new UnreadableFile(`The header has ${there.map((separator) => SEPARATORS[separator]).join(" and ")}. Rename columns so that only what separates them is left.`);
}

// yfinance writes names of prices, then symbols, then the name of the index alone.
function refuseTwoHeaders(columns, rows, remedies) {
  const named = rows.slice(0, 2).find((cells) => cells[0] === "Date" && cells.slice(1).every((cell) => cell === ""));
  if (columns[0] !== "Price" && !named) return;
  throw new UnreadableFile(`It has two header rows, as yfinance writes them; expected one. pandas writes it: ${remedies.ofHeaders()}`);
}

// Returns what writes lines of pandas; each reads the file, and writes one that can be dropped. Dates and digits stay
// texts where pandas would change them.
function writeRemedies(separator, column) {
  const name = JSON.stringify(column || UNNAMED);
  const named = column ? "" : `.rename(columns={"${UNNAMED}": "Date"})`;
  const sep = separator === COMMA ? "" : `sep=${JSON.stringify(separator)}, `;
  const write = (options, then = named) => `pd.read_csv(FILE, ${sep}${options})${then}.to_csv("plain.csv", index=False)`;
  const local = `pd.to_datetime(bars[${name}], utc=True).dt.tz_convert("America/New_York").dt.date`;
  return {
    ofHeaders: () => write("header=[0, 1], index_col=0", '.droplevel(1, axis=1).rename_axis("Date").reset_index()'),
    ofDates: (form) => write(`dtype=str, parse_dates=[${name}], date_format="${form}"`),
    ofTimes: () => write("dtype=str", `.assign(**{${name}: lambda bars: ${local}})${named}`),
    ofNumbers: (decimal, thousands) => write(`decimal="${decimal}", thousands="${thousands}", dtype={${name}: str}`),
  };
}
