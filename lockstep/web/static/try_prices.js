// Price files as people have them: how they are written is found out and said, or refused with what settles it, by the
// rules of lockstep/data/price_files. Of other columns that no model reads the page says so itself.

import { isUnnamed, takeHeader, tidyColumns } from "./try_columns.js";
import { COMMA, readCsv, readHeader, SEPARATORS, UnreadableFile } from "./try_csv.js";
import { readDates } from "./try_dates.js";
import { readDecimals } from "./try_decimals.js";

// Returns the frame of a file, with dates and numbers as a request has them, and what there is to say of how it was read.
export function readPrices(text, schema) {
  const separator = chooseSeparator(readHeader(text));
  const written = readCsv(text, separator);
  const remedies = writeRemedies(separator, findDates(written.columns, schema));
  const headed = takeHeader(written, remedies);
  const { columns, rows, said: ofColumns } = tidyColumns(headed, schema);
  const said = separator === COMMA ? [] : [`${SEPARATORS[separator]} separate the columns`];
  said.push(...headed.said, ...ofColumns);
  // without a comma in a cell of comma-separated columns, a point is the decimal mark
  const mayDiffer = separator !== COMMA || rows.some((cells) => cells.some((cell) => cell.includes(",")));
  const place = columns.findIndex((name) => schema.nameOf(name) === "date");
  if (place >= 0) {
    const { dates, said: how } = readDates(rows.map((cells) => cells[place]), remedies);
    rows.forEach((cells, row) => { cells[place] = dates[row]; });
    said.push(...how);
  }
  const numbers = [...columns.keys()].filter((column) => schema.typeOf(columns[column]) === "number");
  if (mayDiffer) said.push(...readDecimals(rows, numbers, remedies));
  return { frame: { columns, rows }, said };
}

// Returns what pandas calls the column of dates, and whether the file gives it a name.
function findDates(columns, schema) {
  const names = columns.map((name) => schema.nameOf(name));
  const named = names.indexOf("date");
  if (named >= 0) return { column: columns[named], isNamed: true };
  const place = Math.max(names.findIndex(isUnnamed), 0);
  return { column: columns[place] || `Unnamed: ${place}`, isNamed: false };
}

function chooseSeparator(header) {
  const there = Object.keys(SEPARATORS).filter((separator) => header.includes(separator));
  if (there.length < 2) return there[0] ?? COMMA;
  throw new UnreadableFile(`The header has ${there.map((separator) => SEPARATORS[separator]).join(" and ")}. Rename columns so that only what separates them is left.`);
}

// Returns what writes lines of pandas; each reads the file, and writes one that can be dropped. Dates and digits stay
// texts where pandas would change them.
function writeRemedies(separator, { column, isNamed }) {
  const name = JSON.stringify(column);
  const named = isNamed ? "" : `.rename(columns={${name}: "Date"})`;
  const sep = separator === COMMA ? "" : `sep=${JSON.stringify(separator)}, `;
  const write = (options, then = named) => `pd.read_csv(FILE, ${sep}${options})${then}.to_csv("plain.csv", index=False)`;
  const local = `pd.to_datetime(bars[${name}], utc=True).dt.tz_convert("America/New_York").dt.date`;
  return {
    ofHeaders: (other) => write("header=[0, 1], index_col=0", `.droplevel(${other}, axis=1).rename_axis("Date").reset_index()`),
    ofTicker: (one) => write("header=[0, 1], index_col=0", `.xs(${JSON.stringify(one)}, axis=1, level="Ticker").rename_axis("Date").reset_index()`),
    ofDates: (form) => write(`dtype=str, parse_dates=[${name}], date_format="${form}"`),
    ofTimes: () => write("dtype=str", `.assign(**{${name}: lambda bars: ${local}})${named}`),
    ofNumbers: (decimal, thousands) => write(`decimal="${decimal}", thousands="${thousands}", dtype={${name}: str}`),
  };
}
