// The one row of a table as a form: a field for each column. What was not learned is noted, and can be sent.

import { checkCell, isMissing } from "./try_cells.js";

export class Form {
  // `onChange` gets the column and the text of a field that was edited.
  constructor(root, schema, onChange) {
    this.fields = [...root.querySelectorAll("[data-column]")];
    this.schema = schema;
    for (const field of this.fields) {
      field.addEventListener("input", () => {
        onChange(field.dataset.column, field.value);
        this.note(field);
      });
      this.note(field);
    }
  }

  // Returns whether a frame is one row of exactly the columns that have fields.
  fits({ columns, rows }) {
    return rows.length === 1 && columns.length === this.fields.length && this.fields.every(({ dataset }) => columns.includes(dataset.column));
  }

  load({ columns, rows: [cells] }) {
    for (const field of this.fields) {
      field.value = cells[columns.indexOf(field.dataset.column)];
      this.note(field);
    }
  }

  // Marks fields by what a problem says: `cells` are {column, reason} by the places of the columns.
  mark(cells, columns) {
    for (const { column, reason } of cells) {
      const field = this.fields.find(({ dataset }) => dataset.column === columns[column]);
      if (field) setNote(field, reason, true);
    }
  }

  note(field) {
    const type = this.schema.typeOf(field.dataset.column);
    const reason = checkCell(field.value, type);
    setNote(field, reason || describeUnlearned(field, type), Boolean(reason));
  }
}

// Puts a note below a field; a fault marks the field as well.
export function setNote(field, text, isFault) {
  field.classList.toggle("bad", isFault);
  field.classList.toggle("odd", !isFault && text !== "");
  field.toggleAttribute("aria-invalid", isFault);
  document.getElementById(`${field.id}-note`).textContent = text;
}

function describeUnlearned(field, type) {
  const { value, dataset: { minimum, maximum } } = field;
  if (isMissing(value, type)) return "";
  if (minimum !== undefined && (Number(value) < Number(minimum) || Number(value) > Number(maximum))) {
    return "outside of what was learned";
  }
  const learned = field.list && [...field.list.options].map((option) => option.value);
  return learned && !learned.includes(value) ? "not among the learned categories" : "";
}
