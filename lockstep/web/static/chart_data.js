// What a chart shows: its bars by date, each `{place, date, close, naive, model, bounds, missed}`, null for what is not
// known. `bounds` are `[level, lo, hi]`. The bars after the one at `newest` are sessions to come. No number is written
// into a page twice: the chart of the console is read from the tables behind it.

const SMALL = 10; // below it a cent is much of a price
const [two, four] = [2, 4].map((digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** Return a price as the pages of the service show it: 24.68, 1.0845. */
export function showPrice(price) {
  return (Math.abs(price) < SMALL ? four : two).format(price);
}

/** Return the number of a cell, null for none: "1,024.50", "−3". */
function readNumber(text = "") {
  const digits = text.replaceAll(",", "").replace("\u2212", "-").trim();
  return digits && !Number.isNaN(Number(digits)) ? Number(digits) : null;
}

/** Return the rows of a table, each the texts of its cells by the names of the columns. */
function readRows(figure, name) {
  const [head, ...rows] = figure.querySelectorAll(`[data-rows="${name}"] tr`);
  const names = [...(head?.cells ?? [])].map((cell) => cell.textContent.trim().replace("\u00a0", " "));
  return rows.map((row) => Object.fromEntries([...row.cells].map((cell, place) => [names[place], cell.textContent.trim()])));
}

/** Return the chart of a figure of the console. */
export function readChart(figure) {
  const places = (figure.dataset.ahead || "").split(" ").filter(Boolean).map(Number);
  const shownLevel = Number(figure.dataset.level);
  const read = (row) => ({ naive: readNumber(row["no change"]), model: readNumber(row.model) });
  const past = readRows(figure, "past").reverse().map((row, place) => {
    const [close, lo, hi] = [row.close, row.from, row.to].map(readNumber);
    const bounds = lo === null ? [] : [[shownLevel, lo, hi]];
    return { place, date: row.date, close, ...read(row), bounds, missed: Boolean(row[`${shownLevel} %`]) };
  });
  const ahead = readRows(figure, "ahead").map((row, which) => {
    const levels = Object.keys(row).filter((name) => name.endsWith(" %"));
    const bounds = levels.map((name) => [Number.parseInt(name, 10), ...row[name].split(" to ").map(readNumber)]);
    return { place: places[which], date: row.session, close: null, ...read(row), bounds, missed: false };
  });
  return { bars: [...past, ...ahead], newest: past.length - 1, shownLevel };
}

/** Return what is known of one bar of the chart, in words. */
export function describeBar({ date, close, naive, model, bounds, missed }, shownLevel) {
  const prices = Object.entries({ close, "no change": naive, model }).filter(([, price]) => price !== null);
  const words = [
    ...prices.map(([name, price]) => `${name} ${showPrice(price)}`),
    ...bounds.map(([level, lo, hi]) => `${level}\u00a0% between ${showPrice(lo)} and ${showPrice(hi)}`),
  ];
  return `${date}: ${words.join(", ")}${missed ? `; the close is outside of ${shownLevel}\u00a0%` : ""}`;
}
