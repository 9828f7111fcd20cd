// The body of a problem as people read it: a sentence, what to do, and the cells that are meant.

import { describeStatus, explainRefusal, SILENCE } from "./refusals.js";

const HELD = "What you typed is still here.";

// Returns {words, cells, fields} of an answer that is not a success. `cells` are {row, column, reason} by places in the
// frame, the column null if the whole row is meant and the row null if the whole column is; `fields` are reasons by the
// name of an option. `history` is what to choose for the bars before the rows, if the bars of that choice were missing.
export function readProblem({ status, body, retryAfter, hasKey }, { frame, members }, schema) {
  const problem = body ?? {};
  const places = placeCells(problem, frame, schema);
  const history = problem.code === "missing-bars" ? otherHistory(members) : undefined;
  return { words: describe(status, problem, { retryAfter, hasKey, members }), history, ...places };
}

// Returns what is said if nothing answers.
export function describeSilence() {
  return `${SILENCE} ${HELD}`;
}

function describe(status, problem, { retryAfter, hasKey, members }) {
  const refusal = explainRefusal({ status, retryAfter, hasKey });
  if (refusal) return status === 401 ? refusal : `${refusal} ${HELD}`;
  if (status === 503) return `The service cannot answer now: ${problem.detail ?? "it is not ready"}. ${HELD}`;
  if (status >= 500) return `The service failed. Its log has the reason under request ${problem.request_id ?? "?"}.`;
  if (problem.code === "invalid-input") return describeCells(problem);
  if (problem.code === "missing-bars") return `${problem.title}: ${problem.detail}. ${adviseBars(members)}`;
  return problem.title ? `${problem.title}: ${problem.detail}` : describeStatus(status);
}

function otherHistory({ history }) {
  return history === "none" ? "" : "none";
}

function adviseBars(members) {
  return otherHistory(members) === ""
    ? "Choose the stored ones at “Bars before these”, or send more bars."
    : "Do these rows hold their own look-back? Then choose none at “Bars before these”.";
}

function describeCells({ problems = [], total = problems.length }) {
  const cells = total === 1 ? "One cell or column cannot be right" : `${total} cells or columns cannot be right`;
  const shown = problems.length < total ? `; the first ${problems.length} are marked, the others after these` : "";
  return `${cells}${shown}.`;
}

function placeCells({ problems = [], rows = [] }, frame, schema) {
  const names = frame.columns.map((name) => schema.nameOf(name));
  const fields = new Map();
  const cells = rows.map((row) => ({ row, column: null, reason: "the look-back has sessions without a bar" }));
  for (const { row, column, reason } of problems) {
    const place = names.indexOf(column === "index" ? "" : column);
    if (place < 0 && row === null) fields.set(column, reason);
    else cells.push({ row, column: place < 0 ? null : place, reason });
  }
  return { cells, fields };
}
