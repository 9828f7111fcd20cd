// The request as code to paste: the server wrote the templates, and here their slots are filled with the edited request.

import { writeParts, writeRequest } from "./try_frame.js";

const SLOT = /\$\{(\w+)\}/g;

// Returns the text of a template; each slot is a way to write the request.
export function fillTemplate(template, request, schema) {
  return template.replace(SLOT, (_, slot) => SLOTS[slot](request, schema));
}

const SLOTS = {
  json: ({ frame, members }, schema) => writeRequest(frame, schema, members),
  json_text: (request, schema) => JSON.stringify(SLOTS.json(request, schema)),
  python: ({ frame, members }, schema) => writeRequest(frame, schema, members, "None"),
  columns: ({ frame }, schema) => writeParts(frame, schema, "None").columns,
  rows: ({ frame }, schema) => writeParts(frame, schema, "None").rows,
  index: ({ frame }, schema) => {
    const { index } = writeParts(frame, schema, "None");
    return index ? `, index=[${index.join(", ")}]` : "";
  },
  // numbers beside a missing cell would become floats, and it NaN, which JSON does not have
  dtype: (request, schema) => (SLOTS.rows(request, schema).includes("None") ? ", dtype=object" : ""),
  members: ({ members }) => Object.entries(members).map(([name, value]) => `, ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(""),
  // the client returns frames, which have no place for a trace
  arguments: ({ members: { trace, ...members } }) => Object.entries(members).map(([name, value]) => `, ${name}=${JSON.stringify(value)}`).join(""),
};
