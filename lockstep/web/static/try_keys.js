// Keyboard, mouse and clipboard in a grid: arrow keys move, Enter edits and goes down, Escape leaves a cell as it was.

import { make } from "./elements.js";

const PAGE_ROWS = 10;
const STEPS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-PAGE_ROWS, 0], PageDown: [PAGE_ROWS, 0], Home: [0, -Infinity], End: [0, Infinity],
};

export function startKeys(grid) {
  const { table } = grid;
  table.addEventListener("click", (event) => {
    const place = grid.placeOf(event.target);
    if (place && !isField(event.target)) grid.focus(place.row, place.column);
  });
  table.addEventListener("dblclick", (event) => grid.placeOf(event.target) && edit(grid));
  table.addEventListener("keydown", (event) => {
    if (isField(event.target)) handleEditing(grid, event);
    else if (grid.placeOf(event.target)) handleMoving(grid, event);
  });
  table.addEventListener("paste", (event) => {
    if (isField(event.target) || !grid.placeOf(event.target)) return;
    event.preventDefault();
    pasteCells(grid, event.clipboardData.getData("text"));
  });
  table.addEventListener("focusout", (event) => isField(event.target) && commit(grid, event.target));
}

function handleMoving(grid, event) {
  const step = STEPS[event.key];
  const { row, column } = grid.active;
  if (step) {
    const toEdge = event.ctrlKey && event.key in { Home: 1, End: 1 };
    grid.focus(toEdge ? step[1] : row + step[0], column + step[1]);
  } else if (event.key === "Enter" || event.key === "F2") edit(grid);
  else if (event.key === "Delete" || event.key === "Backspace") grid.write(row, column, "");
  else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) edit(grid, event.key);
  else return;
  event.preventDefault();
}

function handleEditing(grid, event) {
  const steps = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1], Escape: [0, 0] };
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  const { row, column } = grid.active;
  if (event.key === "Escape") event.target.value = event.target.dataset.before;
  commit(grid, event.target);
  grid.focus(row + step[0], column + step[1]);
}

// Puts a field into the active cell; `typed` replaces its text.
function edit(grid, typed = null) {
  const { row, column } = grid.active;
  const before = grid.rows[row][column];
  const label = `${grid.columns[column] || "index"}, row ${row}`;
  const field = make("input", { value: typed ?? before, "aria-label": label, autocomplete: "off" });
  field.dataset.before = before;
  grid.cellAt(row, column).replaceChildren(field);
  field.focus();
  if (typed === null) field.select();
}

function commit(grid, field) {
  const place = field.isConnected && grid.placeOf(field);
  if (!place) return;
  const { value, dataset } = field;
  grid.cellAt(place.row, place.column).textContent = value;
  if (value !== dataset.before) grid.write(place.row, place.column, value);
}

// Writes cells as a spreadsheet or a CSV file has them, from the active cell on.
function pasteCells(grid, text) {
  const { row, column } = grid.active;
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  lines.forEach((line, down) => line.split(line.includes("\t") ? "\t" : ",").forEach((cell, right) => {
    if (column + right < grid.columns.length) grid.write(row + down, column + right, cell.trim());
  }));
}

function isField(element) {
  return element instanceof HTMLInputElement;
}
