// Separated text to a frame of texts: {columns, rows}. Fields may be quoted, hold commas, quotes and line ends.

const NO_TEXT = /\u0000|^\u001F/; // Parquet and most other formats hold a zero byte; gzip begins with 1F
export const COMMA = ",";
export const SEPARATORS = { [COMMA]: "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };
const DECIMAL_COMMA = /(?<=[;\t|])-?\d+,\d+(?=[;\t|\r\n]|$)/;

export class UnreadableFile extends Error {}

// Returns the first line of a text, which holds the names of the columns.
export function readHeader(text) {
  if (NO_TEXT.test(text)) throw new UnreadableFile("It is no text, but a packed file or another format. Drop a CSV file that is not packed.");
  return /[^\r\n]*/.exec(withoutMark(text))[0];
}

// Returns the frame of a file of rows of a table, whose columns are separated by commas.
export function readTable(text) {
  refuseOtherSeparators(readHeader(text), text);
  return readCsv(text);
}

// Returns the frame of a text; throws `UnreadableFile` with what is wrong, where, and what helps.
export function readCsv(text, separator = COMMA) {
  const [header, ...records] = splitRecords(withoutMark(text), separator);
  if (!header || records.length === 0) throw new UnreadableFile("The file has no rows. Expected a header, and a line for each row.");
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
function splitRecords(text, separator) {
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))([${separator}]|\\r\\n|\\n|\\r|$)`, "y");
  const records = [];
  let cells = [];
  let line = 1;
  let start = 1;
  while (field.lastIndex < text.length || cells.length > 0) {
    const found = field.exec(text);
    if (!found) throw new UnreadableFile(`Line ${line}: a quote is not closed, or stands inside a field.`);
    const [whole, quoted, plain, end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (end === separator) continue;
    if (cells.length > 1 || cells[0] !== "") records.push({ line: start, cells });
    cells = [];
    start = line;
  }
  return records;
}

function withoutMark(text) {
  return text.replace(/^\uFEFF/, "");
}

function refuseOtherSeparators(header, text) {
  const found = Object.keys(SEPARATORS).find((separator) => header.includes(separator));
  if (found === undefined || found === COMMA) return;
  const option = DECIMAL_COMMA.test(text) ? 'decimal=","' : "dtype=str"; // as text every digit survives
  const remedy = `pd.read_csv(FILE, sep=${JSON.stringify(found)}, ${option}).to_csv("commas.csv", index=False)`;
  throw new UnreadableFile(`The header is separated by ${SEPARATORS[found]}; expected commas. pandas writes them: ${remedy}`);
}
