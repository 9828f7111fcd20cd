// The members of a request beside its rows: those that reach the version, and what is chosen beside the grid.

import { setNote } from "./try_form.js";

export class Options {
  constructor(root, always, onChange) {
    this.fields = [...root.querySelectorAll("[data-member]")];
    this.always = always;
    for (const field of this.fields) field.addEventListener("input", onChange);
  }

  // Returns the members by name; what stands as it was at first is left out, but for the symbol.
  get members() {
    const chosen = this.fields.filter((field) => field.dataset.member === "symbol" || isChanged(field));
    return { ...this.always, ...Object.fromEntries(chosen.map((field) => [field.dataset.member, read(field)])) };
  }

  // Chooses a value, and sends the rows with it.
  submit(name, value) {
    const field = this.fields.find(({ dataset }) => dataset.member === name);
    field.value = value;
    field.form.requestSubmit();
  }

  // Shows reasons, by the name of a member, at their fields; returns those that have no field.
  mark(reasons) {
    for (const field of this.fields) if (field instanceof HTMLInputElement) setNote(field, reasons.get(field.dataset.member) ?? "", reasons.has(field.dataset.member));
    return [...reasons].filter(([name]) => !this.fields.some(({ dataset }) => dataset.member === name));
  }
}

function isChanged(field) {
  return field instanceof HTMLSelectElement ? field.value !== "" : field.value.trim() !== field.defaultValue;
}

// Levels are numbers if they can be; anything else is sent as it is, for the service says what is wrong with it.
function read({ dataset, value }) {
  if (dataset.member !== "level") return value.trim();
  return value.split(",").map((each) => each.trim()).filter(Boolean).map((each) => (Number.isFinite(Number(each)) ? Number(each) : each));
}
