// The closes of an answer, and for each session that is forecast the model's close and its intervals. The table below
// the chart holds the same numbers.

import { forecastsReturns, listBounds } from "./try_answer.js";

const SPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [480, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 104, 12, 24]; // prices on the left, labels on the right
const MAX_TICKS = 5;
const MS_PER_DAY = 86_400_000;

// Returns the chart of a frame of one series of returns, null for any other.
export function makeChart(frame) {
  const { columns, data } = frame;
  if (!forecastsReturns(frame) || columns.includes("symbol")) return null;
  const at = (name) => columns.indexOf(name);
  const rows = [...data].sort((one, other) => (one[at("date")] < other[at("date")] ? -1 : 1));
  const ahead = rows.filter((row) => row[at("close_pred")] !== null && row[at("forecast_date")] !== null);
  const bounds = listBounds(columns);
  const drawn = [at("close"), at("close_pred"), ...bounds.flatMap(({ lower, upper }) => [lower, upper])];
  const x = scaleDays([...rows.map((row) => row[at("date")]), ...ahead.map((row) => row[at("forecast_date")])]);
  const y = scalePrices(rows.flatMap((row) => drawn.map((place) => row[place])).filter((value) => value !== null));
  const points = (from, day, price) => from.map((row) => [x(row[at(day)]), y(row[price])]);
  const last = ahead.at(-1) ?? rows.at(-1);
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "chart", "aria-label": "Closes, forecasts and intervals; the table has the numbers" }, [
    ...drawAxes(x, y, rows[0][at("date")], last[at("forecast_date")] ?? last[at("date")]),
    ...bounds.map(({ level, lower, upper }) => drawBand(level, points(ahead, "forecast_date", lower), points(ahead, "forecast_date", upper))),
    drawLine("close", points(rows, "date", at("close"))),
    drawLine("model", points(ahead, "forecast_date", at("close_pred"))),
    ...ahead.slice(-1).flatMap((row) => drawNewest(row, x(row[at("forecast_date")]), y, at("close_pred"), bounds)),
  ]);
}

function draw(tag, attributes, children = []) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function drawLine(name, points) {
  return draw("polyline", { class: `line ${name}`, points: points.map(write).join(" ") });
}

// A band has a width even where there is but one row.
function drawBand(level, lower, upper) {
  const wide = upper.length === 1 ? ([x, y]) => [[x - 5, y], [x + 5, y]] : (point) => [point];
  const outline = [...lower.flatMap(wide), ...upper.flatMap(wide).reverse()];
  return draw("polygon", { class: `area fan${level}`, points: outline.map(write).join(" ") });
}

function drawNewest(row, x, y, place, bounds) {
  const write = (price, text, name) => draw("text", { x: x + 9, y: y(price) + 4, class: name }, [text]);
  return [
    draw("circle", { cx: x, cy: y(row[place]), r: 4, class: "dot" }),
    write(row[place], `model ${row[place].toFixed(2)}`, "label model"),
    ...bounds.slice(0, 1).flatMap(({ level, lower, upper }) => [write(row[upper], `${level} %`, "label"), write(row[lower], `${level} %`, "label")]),
  ];
}

function drawAxes(x, y, first, last) {
  const lines = y.ticks.flatMap((tick) => [
    draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), class: "line grid" }),
    draw("text", { x: 0, y: y(tick) + 4 }, [tick.toFixed(y.digits)]),
  ]);
  const dates = [[first, "start"], [last, "end"]].map(([date, anchor]) => draw("text", { x: x(date), y: HEIGHT - 6, "text-anchor": anchor }, [date]));
  return [...lines, ...dates];
}

function scaleDays(dates) {
  const days = dates.map((date) => Date.parse(date) / MS_PER_DAY);
  const [first, last] = span(days);
  const unit = (WIDTH - LEFT - RIGHT) / Math.max(1, last - first);
  return (date) => LEFT + (Date.parse(date) / MS_PER_DAY - first) * unit;
}

function scalePrices(prices) {
  const [low, high] = span(prices);
  const width = high - low || Math.abs(high) || 1;
  const scale = (price) => HEIGHT - BOTTOM - ((price - low) / width) * (HEIGHT - TOP - BOTTOM);
  const rough = width / MAX_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const begin = Math.ceil(low / step);
  const count = Math.floor(high / step) - begin + 1;
  const ticks = Array.from({ length: count }, (_, place) => (begin + place) * step);
  return Object.assign(scale, { ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) });
}

function span(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

function write([x, y]) {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
