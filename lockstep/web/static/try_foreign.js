// Price files in forms that a request has not, such as those of yfinance, with the line of pandas that rewrites them.

const OFFSET = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[+-]\d\d:?\d\d$/;
const TURNED = /^(\d\d?)([/.-])(\d\d?)\2(\d{4}|\d\d)$/;
const MONTHS = 12;
const UNNAMED = "Unnamed: 0"; // as pandas calls a first column without a name

// Returns what is wrong with the form of a whole file, and what rewrites it; "" if nothing is, or only some rows differ.
export function describeForeign(frame, schema) {
  if (!schema.isSeries) return "";
  return describeTwoHeaders(frame) || describeDates(frame, schema);
}

// yfinance writes names of prices, then symbols, then the name of the index alone.
function describeTwoHeaders({ columns, rows }) {
  const named = rows.slice(0, 2).find((cells) => cells[0] === "Date" && cells.slice(1).every((cell) => cell === ""));
  if (columns[0] !== "Price" && !named) return "";
  const remedy = 'pd.read_csv(FILE, header=[0, 1], index_col=0).droplevel(1, axis=1).rename_axis("Date").to_csv("plain.csv")';
  return `It has two header rows, as yfinance writes them; expected one. pandas writes it: ${remedy}`;
}

function describeDates({ columns, rows }, schema) {
  const place = columns.findIndex((name) => schema.typeOf(name) === "date");
  const texts = place < 0 ? [] : rows.map((cells) => cells[place].trim()).filter((text) => text !== "");
  if (texts.length === 0) return "";
  const [first] = texts;
  const write = (option) => writeRemedy(columns[place], option);
  if (texts.every((text) => OFFSET.test(text))) {
    return `Its dates have a time and an offset, such as ${first}; expected ${first.slice(0, 10)}. ` +
      `pandas cuts them: ${write((name) => `converters={${name}: lambda text: text[:10]}`)}`;
  }
  return texts.every((text) => TURNED.test(text)) ? describeTurned(texts, write) : "";
}

// Says which of the two numbers is the day if a date shows it, else both ways.
function describeTurned(texts, writeLine) {
  const parts = texts.map((text) => TURNED.exec(text));
  const [[first, , separator, , year]] = parts;
  const hasDayFirst = parts.some((part) => part[1] > MONTHS);
  const hasMonthFirst = parts.some((part) => part[3] > MONTHS);
  const write = (order) => [...order, year.length === 4 ? "%Y" : "%y"].join(separator);
  const rewrite = (form) => writeLine((name) => `parse_dates=[${name}], date_format="${form}"`);
  const form = write(hasDayFirst ? ["%d", "%m"] : ["%m", "%d"]);
  const start = `Its dates are such as ${first}; expected 2013-03-01.`;
  if (hasDayFirst || hasMonthFirst) return `${start} pandas rewrites them: ${rewrite(form)}`;
  return `${start} pandas rewrites them, if the month is first: ${rewrite(form)}; if the day is first, with "${write(["%d", "%m"])}"`;
}

// Returns a line that reads a file with an option, made of the name of the dates, and writes it.
function writeRemedy(column, option) {
  const rename = column ? "" : `.rename(columns={"${UNNAMED}": "Date"})`;
  return `pd.read_csv(FILE, ${option(JSON.stringify(column || UNNAMED))})${rename}.to_csv("plain.csv", index=False)`;
}
