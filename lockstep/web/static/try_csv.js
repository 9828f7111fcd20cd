// Comma-separated text to a frame of texts: {columns, rows}. Fields may be quoted, hold commas, quotes and line ends.

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
const NO_TEXT = /\u0000|^\u001F/; // Parquet and most other formats hold a zero byte; gzip begins with 1F
const OTHER_SEPARATORS = { ";": "semicolons", "\t": "tabs", "|": "bars" };

export class UnreadableFile extends Error {}

// Returns the frame of a file; throws `UnreadableFile` with what is wrong, where, and what helps.
export function readCsv(text) {
  if (NO_TEXT.test(text)) throw new UnreadableFile("It is no text, but a packed file or another format. Drop a CSV file that is not packed.");
  const [header, ...records] = splitRecords(text.replace(/^\uFEFF/, ""));
  if (!header || records.length === 0) throw new UnreadableFile("The file has no rows. Expected a header, and a line for each row.");
  refuseOtherSeparators(header.cells);
  const width = header.cells.length;
  const long = records.filter((record) => record.cells.length > width);
  if (long.length > 0) {
    const [first] = long;
    const more = long.length > 1 ? ` (and ${long.length - 1} more lines)` : "";
    throw new UnreadableFile(`Line ${first.line} has ${first.cells.length} cells, but the header has ${width}${more}.`);
  }
  // as pandas does: what a short line lacks is missing
  const rows = records.map(({ cells }) => [...cells, ...Array(width - cells.length).fill("")]);
  return { columns: header.cells, rows };
}

// Returns the records with the line on which each begins; empty lines are none.
function splitRecords(text) {
  const records = [];
  let cells = [];
  let line = 1;
  let start = 1;
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length || cells.length > 0) {
    const found = FIELD.exec(text);
    if (!found) throw new UnreadableFile(`Line ${line}: a quote is not closed, or stands inside a field.`);
    const [whole, quoted, plain, end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "") records.push({ line: start, cells });
    cells = [];
    start = line;
  }
  return records;
}

function refuseOtherSeparators(header) {
  const found = Object.keys(OTHER_SEPARATORS).find((separator) => header.length === 1 && header[0].includes(separator));
  if (!found) return;
  const remedy = `pd.read_csv(FILE, sep=${JSON.stringify(found)}).to_csv("commas.csv", index=False)`;
  throw new UnreadableFile(`The header is separated by ${OTHER_SEPARATORS[found]}; expected commas. pandas writes them: ${remedy}`);
}
