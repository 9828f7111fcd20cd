// How a price file writes its dates: found out if only one reading is possible, as lockstep/data/price_files/dates.py does.

import { UnreadableFile } from "./try_csv.js";

const ISO = /^\d{4}-\d\d-\d\d$/;
const MIDNIGHT = /^(\d{4})-(\d\d)-(\d\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;
const TIMED = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const YEAR_FIRST = /^(\d{4})([/.])(\d\d?)\2(\d\d?)$/;
const YEAR_LAST = /^(\d\d?)([/.-])(\d\d?)\2(\d{4})$/;
const FORMS = [ISO, TIMED, YEAR_FIRST, YEAR_LAST];
const MONTHS = 12;

// Returns whether a text is a date in one of the forms that are known.
export function isLikeDate(text) {
  return FORMS.some((form) => form.test(text));
}

// Returns the dates in ISO 8601, one that is not written as the others are as it is, and what there is to say of them.
// `remedies` write the lines of pandas that rewrite dates.
export function readDates(texts, remedies) {
  const first = texts.find(isLikeDate);
  if (first === undefined) refuseUnknown(texts, remedies);
  if (first === undefined || ISO.test(first)) return { dates: texts, said: [] };
  const { form, places, said } = findReading(texts, first, remedies);
  return { dates: texts.map((text) => writeIso(form.exec(text), places) ?? text), said: [said] };
}

function findReading(texts, first, remedies) {
  if (MIDNIGHT.test(first)) return { form: MIDNIGHT, places: [1, 2, 3], said: `dates have a time of day, midnight, which is left out: ${first}` };
  if (TIMED.test(first)) {
    throw new UnreadableFile(`${first} has a time of day. If these are daily bars in another time zone, pandas writes their own days: ${remedies.ofTimes()}`);
  }
  const mark = YEAR_FIRST.exec(first)?.[2];
  if (mark) return { form: YEAR_FIRST, places: [1, 3, 4], said: `dates are yyyy${mark}mm${mark}dd, such as ${first}` };
  return chooseOrder(texts.map((text) => YEAR_LAST.exec(text)).filter(Boolean), remedies);
}

// A number above 12 says which one is the day.
function chooseOrder(found, remedies) {
  const [dayFirst, monthFirst] = [1, 3].map((place) => found.find((each) => each[place] > MONTHS));
  const [[shown, , mark]] = found;
  const formOf = (...parts) => parts.join(mark);
  if (dayFirst && monthFirst) throw new UnreadableFile(`${dayFirst[0]} has the day first, and ${monthFirst[0]} the month. Write all dates in one form.`);
  if (!dayFirst && !monthFirst) {
    throw new UnreadableFile(`${shown} can be read in two ways, as no day is above 12. pandas rewrites it, if the month is first: ` +
      `${remedies.ofDates(formOf("%m", "%d", "%Y"))}; if the day is first, with "${formOf("%d", "%m", "%Y")}"`);
  }
  const said = `dates are ${dayFirst ? formOf("dd", "mm", "yyyy") : formOf("mm", "dd", "yyyy")}, such as ${(dayFirst ?? monthFirst)[0]}`;
  return { form: YEAR_LAST, places: dayFirst ? [4, 3, 1] : [4, 1, 3], said };
}

function refuseUnknown(texts, remedies) {
  const shown = texts.find((text) => text.trim() !== "");
  if (shown !== undefined) throw new UnreadableFile(`${shown} is not a date like 2013-03-01. If it is of the form "%d.%m.%y", pandas rewrites it: ${remedies.ofDates("%d.%m.%y")}`);
}

function writeIso(found, places) {
  if (!found) return null;
  const [year, month, day] = places.map((place) => found[place]);
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
