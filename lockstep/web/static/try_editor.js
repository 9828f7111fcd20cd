// The rows and the options of a request: one row of a table as a form, all else as a grid, with what is wrong in place.

import { Form } from "./try_form.js";
import { checkFrame, narrowFrame } from "./try_frame.js";
import { Grid } from "./try_grid.js";
import { startKeys } from "./try_keys.js";
import { Options } from "./try_options.js";
import { showReasons } from "./try_reasons.js";

export class Editor {
  constructor(section, schema, members, onChange) {
    this.section = section;
    this.schema = schema;
    this.onChange = onChange;
    this.refused = []; // the cells that the service has refused, until they are edited
    this.grid = new Grid(section.querySelector("[data-grid] table"), schema, (row, column) => this.edit(row, column));
    this.form = new Form(section, schema, (name, text) => this.grid.write(0, this.grid.columns.indexOf(name), text));
    this.options = new Options(section, members, onChange);
    this.first = { columns: this.grid.columns, rows: this.grid.rows.map((cells) => [...cells]) };
    startKeys(this.grid);
    section.querySelector("form").addEventListener("click", (event) => this.act(event.target.dataset.do));
    this.arrange();
  }

  get request() {
    return { frame: this.grid.frame, members: this.options.members };
  }

  // Marks what the service refuses; see `readProblem`.
  refuse({ cells, fields }) {
    const named = this.options.mark(fields).map(([name, reason]) => ({ row: null, column: null, name, reason }));
    this.refused = [...named, ...cells]; // a column that is missing stands nowhere else
    this.mark();
  }

  get unknownColumns() {
    return this.grid.columns.filter((name) => !this.schema.knows(name));
  }

  get asForm() {
    return this.form.fits(this.grid.frame);
  }

  // Shows other rows.
  load(frame) {
    this.grid.load(frame);
    this.refused = [];
    this.arrange();
    this.onChange();
  }

  edit(row, column) {
    this.refused = this.refused.filter((cell) => cell.row !== row || (cell.column ?? column) !== column);
    this.mark();
    this.onChange();
  }

  arrange() {
    const fields = this.section.querySelector(".fields");
    this.section.querySelector("[data-grid]").hidden = this.asForm;
    if (fields) fields.hidden = !this.asForm;
    this.section.querySelector("[data-do=remove]").hidden = this.grid.rows.length === 1;
    if (this.asForm) this.form.load(this.grid.frame);
    this.mark();
  }

  mark() {
    const { frame } = this.grid;
    const cells = [...this.refused, ...checkFrame(frame, this.schema).filter((cell) => !this.isRefused(cell))];
    this.grid.mark(cells);
    if (this.asForm) this.form.mark(this.refused, frame.columns);
    showReasons(this.section.querySelector(".reasons"), cells, frame.columns, {
      unknown: this.unknownColumns,
      onChoose: (row, column) => this.grid.focus(row, column),
    });
  }

  isRefused({ row, column }) {
    return this.refused.some((cell) => cell.row === row && cell.column === column);
  }

  act(what) {
    const { columns, rows } = this.grid.frame;
    const { row, column } = this.grid.active;
    if (what === "reset") this.load(this.first);
    if (what === "add") this.load({ columns, rows: [...rows, columns.map(() => "")] });
    if (what === "remove" && rows.length > 1) this.load({ columns, rows: rows.filter((_, place) => place !== row) });
    if (what === "narrow") this.load(narrowFrame(this.grid.frame, this.schema));
    if (what === "add" && !this.asForm) this.grid.focus(rows.length, column);
  }
}
