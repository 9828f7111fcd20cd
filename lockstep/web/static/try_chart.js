// The chart of an answer: the posted closes, and of each date that they forecast what was said. The table below it holds
// the same numbers.

import { forecastsReturns, listBounds } from "./try_answer.js";

const MS_PER_DAY = 86_400_000;

/** Return the chart of a frame of one series of returns, null for any other. */
export function chartAnswer(frame) {
  const { columns, data } = frame;
  if (!forecastsReturns(frame) || columns.includes("symbol")) return null;
  const levels = listBounds(columns);
  const rows = data.map((cells) => Object.fromEntries(columns.map((name, place) => [name, cells[place]])));
  const closes = new Map(rows.map(({ date, close }) => [date, close]));
  const forecasts = new Map(rows.filter((row) => row.close_pred !== null).map((row) => [row.forecast_date, row]));
  forecasts.delete(null); // sessions beyond the calendar have no place
  const dates = [...new Set([...closes.keys(), ...forecasts.keys()])].sort();
  const bars = dates.map((date) => chartDate(date, closes.get(date) ?? null, forecasts.get(date), levels));
  const newest = bars.findLastIndex(({ close }) => close !== null);
  return { bars, newest, shownLevel: Number(levels[0]?.level) };
}

// `row` is the one that forecasts the date, undefined without one; `levels` are the widest first.
function chartDate(date, close, row, levels) {
  const bounds = row ? levels.map(({ level }) => [Number(level), row[`close_lo-${level}`], row[`close_hi-${level}`]]) : [];
  const missed = close !== null && bounds.length > 0 && (close < bounds[0][1] || close > bounds[0][2]);
  return { place: Date.parse(date) / MS_PER_DAY, date, close, naive: row?.close ?? null, model: row?.close_pred ?? null, bounds, missed };
}
