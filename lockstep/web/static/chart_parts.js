// What the chart of a series is made of, as uPlot takes it: lines, bands, axes, and marks that it has none for.

const MONTH_WIDTH = 90;
const ROOM = 18; // bars beside the newest session whose month is not named: its date stands there

/** Return the lines in the order in which they are drawn; the two edges of a band stand side by side. */
export function listLines({ past, ahead, levels }, color) {
  const newest = past.length - 1;
  const line = (stroke, of, more = {}) => ({ values: of, series: { stroke, width: 1.5, points: { show: false }, ...more } });
  const along = (pastOf, aheadOf) => [...past.map(pastOf), ...ahead.map(aheadOf)];
  const from = (aheadOf) => along((bar, place) => (ahead.length && place === newest ? bar.close : null), aheadOf);
  const edges = (lows, highs, level) => {
    const bare = { stroke: "transparent", width: 0, points: { show: false } };
    return [
      { values: lows, series: bare, fill: fade(color("--fan"), color(`--shade-${level}`) || color("--shade")) },
      { values: highs, series: bare },
    ];
  };
  const nothing = () => null;
  const dots = (fill, size) => ({ paths: () => null, points: { show: true, size, fill, stroke: fill } });
  return [
    ...edges(along((bar) => bar.lo, nothing), along((bar) => bar.hi, nothing), "past"),
    ...levels.toReversed().flatMap((level, back) => {
      const bound = (side) => from((bar) => bar.bounds[levels.length - 1 - back][side]);
      return edges(bound(1), bound(2), level);
    }),
    line(color("--ink"), along((bar) => bar.close, nothing)),
    line(color("--muted"), from((bar) => bar.naive), { dash: [5, 3] }),
    { values: along(nothing, (bar) => bar.model), series: { stroke: color("--accent"), ...dots(color("--accent"), 6) } },
  ];
}

/** Mark misses by squares, which are told from dots without color, and write the bounds of the shown level beside the fan. */
export function mark(plot, { past, ahead, shownLevel, digits }, color) {
  const { ctx } = plot;
  const size = 6 * devicePixelRatio;
  const at = (place, price) => [plot.valToPos(place, "x", true), plot.valToPos(price, "y", true)];
  ctx.save();
  ctx.fillStyle = color("--miss");
  past.forEach((bar, place) => {
    if (bar.missed) {
      const [x, y] = at(place, bar.close);
      ctx.fillRect(x - size / 2, y - size / 2, size, size);
    }
  });
  const farthest = ahead.at(-1);
  const bound = farthest?.bounds.find(([level]) => level === shownLevel);
  if (bound) {
    ctx.fillStyle = color("--ink");
    ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    const [, lo, hi] = bound.map((price) => at(farthest.place, price));
    ctx.fillText(bound[2].toFixed(digits), hi[0], hi[1] - size);
    ctx.fillText(bound[1].toFixed(digits), lo[0], lo[1] + 2.5 * size);
  }
  ctx.restore();
}

function fade(color, opacity) {
  return `color-mix(in srgb, ${color} ${opacity * 100}%, transparent)`;
}

/** Return the two axes: months, with the date of the newest session, and prices. */
export function listAxes(bars, places, box, color) {
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  const shared = { font, stroke: color("--muted"), ticks: { stroke: color("--line"), width: 1, size: 4 } };
  const starts = bars.flatMap((bar, place) => (place && bar.date.slice(0, 7) !== bars[place - 1].date.slice(0, 7) ? [place] : []));
  const farthest = bars.at(-1).model === undefined ? [] : [bars.length - 1];
  const every = Math.ceil((starts.length * MONTH_WIDTH) / box.clientWidth);
  const months = starts.filter((place, which) => which % every === 0 && place < bars.length - ROOM * farthest.length);
  const shown = [...months, ...farthest];
  const names = shown.map((place) => (farthest.includes(place) ? bars[place].date : bars[place].date.slice(0, 7)));
  return [
    { ...shared, size: 32, grid: { show: false }, splits: () => shown.map((place) => places[place]), values: () => names },
    { ...shared, grid: { stroke: color("--line"), width: 1 }, size: 48 },
  ];
}
