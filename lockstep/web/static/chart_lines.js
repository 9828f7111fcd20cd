// The lines and bands of a chart of closes, as uPlot takes them, in the order in which they are drawn.

const BAR_WIDTH = 12; // a narrower bar has no room for what was forecast of it: one reads it, and it is marked there

/** Return the lines, with their values; the two edges of a band stand side by side, the first one with its fill. */
export function listLines({ bars, newest, shownLevel }, color) {
  const ahead = bars.slice(newest + 1);
  const levels = new Set(ahead.flatMap(({ bounds }) => bounds.map(([level]) => level)));
  const drawn = (plot) => (plot.bbox.width / devicePixelRatio / bars.length < BAR_WIDTH ? ahead : bars);
  const past = (of) => bars.map((bar, place) => (place <= newest ? of(bar) : null));
  const fan = (of) => bars.map((bar, place) => (place < newest ? null : place === newest ? bar.close : of(bar)));
  return [
    ...makeBand(past, shownLevel, "--shade-past", color),
    ...[...levels].sort((one, other) => other - one).flatMap((level) => makeBand(fan, level, `--shade-${level}`, color)),
    makeLine(bars.map(({ naive }) => naive), color("--muted"), { dash: [5, 3], paths: (plot) => traceLevels(plot, bars, drawn(plot)) }),
    makeLine(bars.map(({ close }) => close), color("--ink")),
    makeLine(bars.map(({ model }) => model), color("--accent"), makeDots(bars, drawn, color("--accent"))),
  ];
}

function makeLine(values, stroke, more = {}) {
  return { values, series: { stroke, width: 1.5, spanGaps: true, points: { show: false }, ...more } };
}

// `along` makes values of what returns that of a bar.
function makeBand(along, level, shade, color) {
  const edge = (side) => along(({ bounds }) => bounds.find(([each]) => each === level)?.[side] ?? null);
  const [lo, hi] = [1, 2].map((side) => makeLine(edge(side), "transparent", { width: 0 }));
  const opacity = (color(shade) || color("--shade")) * 100;
  return [{ ...lo, fill: `color-mix(in srgb, ${color("--fan")} ${opacity}%, transparent)` }, hi];
}

function makeDots(bars, drawn, fill) {
  const filter = (plot) => drawn(plot).map((bar) => bars.indexOf(bar));
  return { paths: () => null, points: { show: true, size: 6, fill, stroke: fill, filter } };
}

// No change is level from the bar before to the one that it is said of.
function traceLevels(plot, bars, drawn) {
  const stroke = new Path2D();
  for (const bar of drawn) {
    const before = bars[bars.indexOf(bar) - 1];
    if (!before || bar.naive === null) continue;
    const y = plot.valToPos(bar.naive, "y", true);
    stroke.moveTo(plot.valToPos(before.place, "x", true), y);
    stroke.lineTo(plot.valToPos(bar.place, "x", true), y);
  }
  return { stroke, flags: 0 };
}
