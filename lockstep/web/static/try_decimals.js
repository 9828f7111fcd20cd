// How a price file writes its numbers: found out if only one reading is possible, as lockstep/data/price_files/decimals.py does.

import { UnreadableFile } from "./try_csv.js";

// by the decimal mark; the other mark may stand between thousands
const GRAMMARS = {
  ".": /^[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][-+]?\d+)?$/,
  ",": /^[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?$/,
};
const OTHER = { ".": ",", ",": "." };

// Writes the numbers in columns of rows with a decimal point; what is no number in any form stays as it is. Returns what
// there is to say of them. `remedies` write the line of pandas for a decimal mark, and one between thousands.
export function readDecimals(rows, columns, remedies) {
  const there = columns.flatMap((column) => rows.map((cells) => ({ cells, column, text: cells[column].trim() })));
  const marked = there.filter(({ text }) => /[.,]/.test(text) && Object.values(GRAMMARS).some((form) => form.test(text)));
  if (marked.length === 0) return [];
  const decimal = chooseDecimal(marked, remedies);
  const other = OTHER[decimal];
  const writeNumber = (text) => text.replaceAll(other, "").replace(decimal, ".");
  for (const { cells, column, text } of marked) cells[column] = writeNumber(text);
  const [broken, grouped] = [",", other].map((mark) => marked.find(({ text }) => text.includes(mark))?.text);
  const said = decimal === "," ? [`numbers have a decimal comma, such as ${broken}`] : [];
  if (grouped) said.push(`numbers have ${other === "." ? "points" : "commas"} between thousands, such as ${grouped}, read as ${writeNumber(grouped)}`);
  return said;
}

function chooseDecimal(marked, remedies) {
  const [noPoint, noComma] = [".", ","].map((decimal) => marked.find(({ text }) => !GRAMMARS[decimal].test(text))?.text);
  if (noPoint && noComma) throw new UnreadableFile(`${noComma} has a decimal point, and ${noPoint} a decimal comma. Write all numbers in one form.`);
  if (!noPoint && !noComma) {
    throw new UnreadableFile(`${marked[0].text} can be read in two ways, as every mark has three digits after it. pandas rewrites it, ` +
      `if the decimal mark is a point: ${remedies.ofNumbers(".", ",")}; if it is a comma, with decimal=",", thousands="."`);
  }
  return noPoint ? "," : ".";
}
