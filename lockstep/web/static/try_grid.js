// The rows of a request as a table that can be edited. Places count from 0, as in the answers of the service.

import { make } from "./elements.js";

const NUMBERS = ["number", "integer"];

export const LONG_ROWS = 100; // more are laid out only where they are seen

export class Grid {
  // `onChange` gets the place of every cell that was edited.
  constructor(table, schema, onChange) {
    this.table = table;
    this.schema = schema;
    this.onChange = onChange;
    this.columns = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
    this.rows = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent));
    this.active = { row: 0, column: 0 };
    table.setAttribute("role", "grid");
    table.parentElement.removeAttribute("tabindex"); // from here on its cells take the focus
    this.load({ columns: this.columns, rows: this.rows });
  }

  get frame() {
    return { columns: this.columns, rows: this.rows };
  }

  // Shows other rows; their texts are copied.
  load({ columns, rows }) {
    this.columns = [...columns];
    this.rows = rows.map((cells) => [...cells]);
    this.alignments = columns.map((name) => (NUMBERS.includes(this.schema.typeOf(name)) ? "number" : ""));
    const names = columns.map((name, place) => make("th", { role: "columnheader", className: this.alignments[place] }, name || "index"));
    const corner = make("th", { role: "columnheader" }, "row");
    this.table.tHead.replaceChildren(make("tr", { role: "row" }, corner, ...names));
    this.table.tBodies[0].replaceChildren(...this.rows.map((cells, row) => this.makeRow(cells, row)));
    this.table.setAttribute("aria-rowcount", this.rows.length + 1);
    this.table.classList.toggle("long", this.rows.length > LONG_ROWS);
    this.select(Math.min(this.active.row, this.rows.length - 1), Math.min(this.active.column, columns.length - 1));
  }

  makeRow(cells, row) {
    const heading = make("th", { role: "rowheader" }, String(row));
    const cellOf = (text, column) => make("td", { role: "gridcell", className: this.alignments[column] }, text);
    return make("tr", { role: "row" }, heading, ...cells.map(cellOf));
  }

  cellAt(row, column) {
    return this.table.tBodies[0].rows[row]?.cells[column + 1];
  }

  // Returns the place of a cell of the table, null for any other element.
  placeOf(element) {
    const cell = element.closest("tbody td");
    return cell && { row: cell.parentElement.sectionRowIndex, column: cell.cellIndex - 1 };
  }

  // Makes a cell the one that Tab reaches.
  select(row, column) {
    this.cellAt(this.active.row, this.active.column)?.removeAttribute("tabindex");
    this.active = { row: clamp(row, this.rows.length), column: clamp(column, this.columns.length) };
    const cell = this.cellAt(this.active.row, this.active.column);
    if (cell) cell.tabIndex = 0;
    return cell;
  }

  focus(row, column) {
    this.select(row, column)?.focus();
  }

  // Writes a text into a cell; a row behind the last one is added.
  write(row, column, text) {
    if (row === this.rows.length) this.addRow();
    this.rows[row][column] = text;
    this.cellAt(row, column).textContent = text;
    this.onChange(row, column);
  }

  addRow() {
    const cells = this.columns.map(() => "");
    this.rows.push(cells);
    this.table.tBodies[0].append(this.makeRow(cells, this.rows.length - 1));
    this.table.setAttribute("aria-rowcount", this.rows.length + 1);
  }

  // Marks cells, {row, column, reason}: without a row the heading of the column, without a column the whole row.
  mark(cells) {
    for (const marked of this.table.querySelectorAll(".bad")) unmark(marked);
    for (const { row, column, reason } of cells) {
      if (row === null) mark(this.table.tHead.rows[0].cells[column + 1], reason);
      else mark(column === null ? this.table.tBodies[0].rows[row]?.cells[0] : this.cellAt(row, column), reason);
    }
  }
}

function mark(cell, reason) {
  if (!cell) return;
  cell.classList.add("bad");
  cell.setAttribute("aria-invalid", "true");
  cell.title = cell.title ? `${cell.title}; ${reason}` : reason;
}

function unmark(cell) {
  cell.classList.remove("bad");
  cell.removeAttribute("aria-invalid");
  cell.removeAttribute("title");
}

function clamp(place, length) {
  return Math.max(0, Math.min(place, length - 1));
}
