// The axes of a chart of closes, as uPlot takes them, and the marks that it has none for.

import { showPrice } from "./chart_data.js";

const TICK_WIDTH = 90; // of the name of a date, with space beside it

/** Return the two axes: months, with the date of the farthest session, and prices. */
export function listAxes(bars, font, color) {
  const shared = { font: `12px ${font}`, stroke: color("--muted"), ticks: { stroke: color("--line"), width: 1, size: 4 } };
  const names = new Map();
  const splits = (plot) => {
    names.clear();
    for (const [bar, name] of nameDates(bars, (bar) => plot.valToPos(bar.place, "x"))) names.set(bar.place, name);
    return [...names.keys()];
  };
  return [
    { ...shared, size: 32, grid: { show: false }, splits, values: (_, places) => places.map((place) => names.get(place)) },
    { ...shared, grid: { stroke: color("--line"), width: 1 }, size: 48 },
  ];
}

// Returns bars with their names, oldest first: the last one, and of the others as many months as there is room for.
function nameDates(bars, at) {
  const [first, ...others] = bars;
  const months = others.filter((bar, place) => bar.date.slice(0, 7) !== bars[place].date.slice(0, 7));
  const begins = months.length > 1 ? months.map((bar) => [bar, bar.date.slice(0, 7)]) : [[first, first.date]];
  const named = [[bars.at(-1), bars.at(-1).date]];
  for (const [bar, name] of begins.reverse()) {
    if (at(named[0][0]) - at(bar) >= TICK_WIDTH) named.unshift([bar, name]);
  }
  return named;
}

/** Mark misses by squares, which are told from dots without color, and write the bounds of the shown level beside the fan. */
export function mark(plot, { bars, newest, shownLevel }, color) {
  const { ctx } = plot;
  const size = 6 * devicePixelRatio;
  const at = (bar, price) => [plot.valToPos(bar.place, "x", true), plot.valToPos(price, "y", true)];
  ctx.save();
  ctx.fillStyle = color("--miss");
  for (const bar of bars.filter(({ missed }) => missed)) {
    const [x, y] = at(bar, bar.close);
    ctx.fillRect(x - size / 2, y - size / 2, size, size);
  }
  ctx.fillStyle = color("--ink");
  ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  const [farthest] = bars.slice(newest + 1).slice(-1);
  for (const [, lo, hi] of farthest?.bounds.filter(([level]) => level === shownLevel) ?? []) {
    const [[x, bottom], [, top]] = [at(farthest, lo), at(farthest, hi)];
    ctx.fillText(showPrice(hi), x, top - size);
    ctx.fillText(showPrice(lo), x, bottom + 2.5 * size);
  }
  ctx.restore();
}
