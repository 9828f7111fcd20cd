// What a chart shows, read from the tables that stand behind it: no number is written into the page twice.

/** Return the number of a cell, null for none: "1,024.50", "−3". */
function readNumber(text) {
  const digits = text.replaceAll(",", "").replace("\u2212", "-").trim();
  return digits && !Number.isNaN(Number(digits)) ? Number(digits) : null;
}

function readRows(figure, name) {
  const rows = figure.querySelectorAll(`[data-rows="${name}"] tbody tr`);
  return [...rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
}

function readLevels(figure) {
  const heads = [...figure.querySelectorAll('[data-rows="ahead"] thead th')].slice(3);
  return heads.map((head) => Number.parseInt(head.textContent, 10));
}

/** Return the stored bars, oldest first, and the sessions ahead with the bounds of each level. */
export function readChart(figure) {
  const places = (figure.dataset.ahead || "").split(" ").filter(Boolean).map(Number);
  const past = readRows(figure, "past").reverse().map(([date, close, lo, hi, missed]) => ({
    date,
    close: readNumber(close),
    lo: readNumber(lo ?? ""),
    hi: readNumber(hi ?? ""),
    missed: Boolean(missed),
  }));
  const levels = readLevels(figure);
  const ahead = readRows(figure, "ahead").map(([date, naive, model, ...bounds], row) => ({
    date,
    place: places[row],
    naive: readNumber(naive),
    model: readNumber(model),
    bounds: bounds.map((cell, level) => [levels[level], ...cell.split(" to ").map(readNumber)]),
  }));
  const written = past[0]?.close === undefined ? "" : figure.querySelector('[data-rows="past"] td').textContent;
  const digits = written.split(".")[1]?.length ?? 0;
  return { past, ahead, levels, shownLevel: Number(figure.dataset.level), digits };
}

/** Return what is known of one place of the chart, in words. */
export function describePlace(bar, digits) {
  const show = (price) => price.toFixed(digits);
  if (bar.model !== undefined) {
    const bounds = bar.bounds.map(([level, lo, hi]) => `${level} % between ${show(lo)} and ${show(hi)}`).join(", ");
    return `${bar.date}: no change ${show(bar.naive)}, model ${show(bar.model)}${bounds && `; ${bounds}`}`;
  }
  const where = bar.missed ? ", the close is outside of it" : "";
  const interval = bar.lo === null ? "" : `, interval ${show(bar.lo)} to ${show(bar.hi)}${where}`;
  return `${bar.date}: close ${show(bar.close)}${interval}`;
}
