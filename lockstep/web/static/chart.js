// The chart of a series, drawn by uPlot in place of the server's drawing: hover or arrow keys read one date.

import { describePlace, readChart } from "./chart_data.js";
import { listAxes, listLines, mark } from "./chart_parts.js";

const LIBRARY = new URL("./uPlot.iife.min.js", import.meta.url);
const HEIGHT = 324;

function load(address) {
  return new Promise((resolve, reject) => {
    if (window.uPlot) {
      resolve();
      return;
    }
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

/** Put uPlot's chart in the place of the drawing; without the library the drawing stays. */
export async function startChart(figure) {
  const chart = readChart(figure);
  try {
    await load(LIBRARY);
  } catch {
    return;
  }
  const drawing = figure.querySelector("svg.chart");
  const box = document.createElement("div");
  box.className = "plot";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Chart. The left and right arrow keys read one date after another.");
  box.setAttribute("aria-describedby", drawing.getAttribute("aria-labelledby"));
  const read = document.createElement("p");
  read.className = "read";
  read.setAttribute("aria-live", "polite");
  read.textContent = "Point at the chart, or use the arrow keys, to read one date.";
  drawing.after(box, read);
  drawing.remove();
  let plot = draw(chart, box, read);
  const colors = window.matchMedia("(prefers-color-scheme: dark)");
  colors.addEventListener("change", () => {
    plot.destroy();
    plot = draw(chart, box, read);
  });
  new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT })).observe(box);
  box.addEventListener("keydown", (event) => move(event, plot));
}

function draw(chart, box, read) {
  const style = getComputedStyle(box);
  const color = (name) => style.getPropertyValue(name).trim();
  const places = [...chart.past.map((_, place) => place), ...chart.ahead.map((bar) => bar.place)];
  const bars = [...chart.past, ...chart.ahead];
  const lines = listLines(chart, color);
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [16, 34, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => widen(low, high) } },
    axes: listAxes(bars, places, box, color),
    series: [{}, ...lines.map((line) => line.series)],
    bands: lines.flatMap((line, place) => (line.fill ? [{ series: [place + 2, place + 1], fill: line.fill }] : [])),
    hooks: { setCursor: [({ cursor }) => tell(read, bars[cursor.idx], chart.digits)], draw: [(plot) => mark(plot, chart, color)] },
  };
  return new window.uPlot(options, [places, ...lines.map((line) => line.values)], box);
}

function widen(low, high) {
  const margin = 0.04 * (high - low) || 1;
  return [low - margin, high + margin];
}

function tell(read, bar, digits) {
  if (bar) {
    read.textContent = describePlace(bar, digits);
  }
}

function move(event, plot) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const places = plot.data[0];
  const ends = { Home: 0, End: places.length - 1 };
  if (step === undefined && ends[event.key] === undefined) {
    return;
  }
  event.preventDefault();
  const now = plot.cursor.idx ?? places.length - (step > 0 ? 2 : 0);
  const next = ends[event.key] ?? Math.min(Math.max(now + step, 0), places.length - 1);
  const closes = plot.data.slice(1).map((values) => values[next]).filter((value) => value !== null);
  plot.setCursor({ left: plot.valToPos(places[next], "x"), top: plot.valToPos(closes.at(-1), "y") });
}
