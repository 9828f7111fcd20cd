// A chart of closes and forecasts, drawn by uPlot: hover or arrow keys read one date.

import { listAxes, mark } from "./chart_axes.js";
import { describeBar, readChart } from "./chart_data.js";
import { listLines } from "./chart_lines.js";
import { make } from "./elements.js";

const LIBRARY = new URL("./uPlot.iife.min.js", import.meta.url);
const HINT = "Point at the chart, or use the arrow keys, to read one date.";

let library = null;

function load() {
  library ??= new Promise((resolve) => {
    const script = make("script", { src: LIBRARY });
    script.onload = () => resolve(true);
    script.onerror = () => resolve(false);
    document.head.append(script);
  });
  return library;
}

/** Put a chart in the place of the server's drawing; without the library the drawing stays. */
export async function startChart(figure) {
  const drawing = figure.querySelector("svg.chart");
  const chart = new Chart(figure, drawing.getAttribute("aria-labelledby"));
  if (!(await load())) return;
  drawing.replaceWith(...chart.elements);
  chart.show(readChart(figure));
}

/** A box that takes the keyboard, and a line that reads one date; the figure that they stand in hides without a chart. */
export class Chart {
  // `describedBy` is the id of the sentence that describes the chart.
  constructor(figure, describedBy) {
    const label = "Chart. The left and right arrow keys read one date after another.";
    this.figure = figure;
    this.box = make("div", { className: "plot", tabIndex: 0, role: "group", "aria-label": label, "aria-describedby": describedBy });
    this.read = make("p", { className: "read", "aria-live": "polite" });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot && this.draw());
    new ResizeObserver(() => this.plot?.setSize(measure(this.box))).observe(this.box);
    this.box.addEventListener("keydown", (event) => move(event, this.plot, this.shown.bars));
  }

  get elements() {
    return [this.box, this.read];
  }

  /** Show a chart, null for none. */
  async show(chart) {
    this.shown = chart;
    if (await load()) this.draw();
  }

  draw() {
    this.plot?.destroy();
    this.figure.hidden = !this.shown;
    this.read.textContent = HINT;
    this.plot = this.shown && draw(this.shown, this.box, this.read);
  }
}

function measure(box) {
  return { width: box.clientWidth, height: box.clientHeight };
}

function draw(chart, box, read) {
  const { bars, shownLevel } = chart;
  const style = getComputedStyle(box);
  const color = (name) => style.getPropertyValue(name).trim();
  const lines = listLines(chart, color);
  const tell = ({ cursor }) => {
    const bar = bars[cursor.idx];
    if (bar) read.textContent = describeBar(bar, shownLevel);
  };
  const options = {
    ...measure(box),
    padding: [16, 34, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => widen(low, high) } },
    axes: listAxes(bars, style.fontFamily, color),
    series: [{}, ...lines.map((line) => line.series)],
    bands: lines.flatMap((line, place) => (line.fill ? [{ series: [place + 2, place + 1], fill: line.fill }] : [])),
    hooks: { setCursor: [tell], draw: [(plot) => mark(plot, chart, color)] },
  };
  return new window.uPlot(options, [bars.map((bar) => bar.place), ...lines.map((line) => line.values)], box);
}

function widen(low, high) {
  const margin = 0.04 * (high - low) || 1;
  return [low - margin, high + margin];
}

function move(event, plot, bars) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const last = bars.length - 1;
  const ends = { Home: 0, End: last };
  if (step === undefined && ends[event.key] === undefined) return;
  event.preventDefault();
  const now = plot.cursor.idx ?? last - (step > 0 ? 1 : -1);
  const { place, close, model } = bars[ends[event.key] ?? Math.min(Math.max(now + step, 0), last)];
  plot.setCursor({ left: plot.valToPos(place, "x"), top: plot.valToPos(close ?? model, "y") });
}
