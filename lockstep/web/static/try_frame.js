// A frame of texts, {columns, rows}, as the split frame that pandas writes, inside the body of a request.

import { checkCell, writeCell } from "./try_cells.js";

const SYMBOL = "symbol"; // the column of a frame of many series

// Returns the spelling by which bars are known: `Adj Close` is `adj_close`.
function normaliseColumn(name) {
  return name.trim().toLowerCase().replaceAll(" ", "_");
}

// What a model reads: the type of each column by name, and how names are compared.
export class Schema {
  constructor(types, isSeries) {
    this.types = new Map(Object.entries(types));
    this.isSeries = isSeries;
  }

  // Returns the name by which the service knows a column.
  nameOf(written) {
    return this.isSeries ? normaliseColumn(written) : written;
  }

  // Returns the type of a column, undefined if the model has none of this name; an index holds the dates of bars.
  typeOf(written) {
    const name = this.nameOf(written);
    if (this.isSeries && name === SYMBOL) return "text";
    return this.isSeries && written === "" ? "date" : this.types.get(name);
  }

  knows(written) {
    return written === "" || this.typeOf(written) !== undefined;
  }
}

// Returns the body of a request: the frame with a row on each line, then the other members. A column without a name is
// the index, as `df.to_csv()` writes it. `nothing` is how the language of the reader writes a missing cell.
export function writeRequest(frame, schema, members, nothing = "null") {
  const { columns, rows, index } = writeParts(frame, schema, nothing);
  const labels = index ? `, "index": [${index.join(", ")}]` : "";
  const others = Object.entries(members).map(([name, value]) => `, ${JSON.stringify(name)}: ${spaced(value)}`);
  return `{"dataframe_split": {"columns": ${columns}, "data": ${rows}${labels}}${others.join("")}}`;
}

// Returns the columns and the rows of a frame as text, and the labels of its index, null without one.
export function writeParts(frame, schema, nothing = "null") {
  const types = frame.columns.map((name) => schema.typeOf(name));
  const place = frame.columns.indexOf("");
  const write = (cells) => cells.map((cell, column) => writeCell(cell, types[column])).map((cell) => (cell === "null" ? nothing : cell));
  const written = frame.rows.map(write);
  const index = place < 0 ? null : written.map((cells) => cells.splice(place, 1)[0]);
  const names = frame.columns.filter((_, column) => column !== place);
  const lines = written.map((cells) => `  [${cells.join(", ")}]`);
  return { columns: spaced(names), rows: lines.length ? `[\n${lines.join(",\n")}\n]` : "[]", index };
}

// Returns the cells whose form is wrong, before the service has seen them: {row, column, reason} by places.
export function checkFrame(frame, schema) {
  const types = frame.columns.map((name) => schema.typeOf(name));
  const found = [];
  frame.rows.forEach((cells, row) => cells.forEach((text, column) => {
    const reason = checkCell(text, types[column]);
    if (reason) found.push({ row, column, reason });
  }));
  return found;
}

// Returns a frame without the columns that the model does not read.
export function narrowFrame({ columns, rows }, schema) {
  const isKept = (_, place) => schema.knows(columns[place]);
  return { columns: columns.filter(isKept), rows: rows.map((cells) => cells.filter(isKept)) };
}

// Returns JSON with a space behind each comma, as Python writes it.
function spaced(value) {
  return Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]` : JSON.stringify(value);
}
