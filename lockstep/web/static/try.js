// "Try it": a request that is edited, its answer, and the same request as code.

import { startCopy } from "./copy.js";
import { startTabs } from "./tabs.js";
import { Answer } from "./try_shown.js";
import { readTable } from "./try_csv.js";
import { startDrop } from "./try_drop.js";
import { Editor } from "./try_editor.js";
import { Schema, writeRequest } from "./try_frame.js";
import { readPrices } from "./try_prices.js";
import { describeSilence, readProblem } from "./try_problems.js";
import { sendRequest } from "./try_send.js";
import { Source } from "./try_source.js";
import { fillTemplate } from "./try_snippets.js";

const SETTLED_MS = 150; // code is written anew when typing pauses

// `getKey` returns the key of this tab, empty without one.
export function startTry(section, getKey) {
  const { types, members, series, path, maxBytes } = section.dataset;
  const schema = new Schema(JSON.parse(types), series !== undefined);
  for (const live of section.querySelectorAll("[data-live]")) live.hidden = false;
  startCopy(section);
  const [answers] = [...section.querySelectorAll("[data-tabs]")].map(startTabs);
  const answer = new Answer(section, answers);
  const source = new Source(section);
  const code = new Delayed(() => writeCode(section, editor, schema));
  const editor = new Editor(section, schema, JSON.parse(members), () => code.ask());
  section.addEventListener("click", () => code.settle(), { capture: true }); // before its request is copied or sent
  startDrop(section.querySelector("[data-drop]"), {
    maxBytes: Number(maxBytes),
    read: (text) => (schema.isSeries ? readPrices(text, schema) : { frame: readTable(text), said: [] }),
    onRead: ({ frame, said }, name) => {
      editor.load(frame);
      const rows = frame.rows.length === 1 ? "1 row" : `${frame.rows.length} rows`;
      source.take(name, rows, said);
      answer.say(`${name}: ${rows}, nothing sent yet.`);
    },
    onFault: (words) => source.refuse(words),
  });
  section.querySelector("[data-do=reset]").addEventListener("click", () => {
    source.reset();
    answer.say("Nothing sent yet.");
  });
  section.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    send({ path, schema, editor, answer, key: getKey() });
  });
  answer.showExample();
  code.act();
}

let sent = 0; // only the newest of several requests is shown

async function send({ path, schema, editor, answer, key }) {
  const { request } = editor;
  const number = (sent += 1);
  answer.say("Waiting for the answer.");
  try {
    const reply = await sendRequest(path, writeRequest(request.frame, schema, request.members));
    if (number !== sent) return;
    const problem = reply.status < 300 ? null : readProblem({ ...reply, hasKey: key !== "" }, request, schema);
    editor.refuse(problem ?? { cells: [], fields: new Map() });
    answer.show(reply, problem?.words);
    if (problem?.history !== undefined) answer.offer(problem.history, () => editor.options.submit("history", problem.history));
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault; // what fetch throws if nothing answers
    answer.refuse(describeSilence());
  }
}

function writeCode(section, editor, schema) {
  for (const code of section.querySelectorAll("[data-template]")) {
    code.textContent = fillTemplate(code.dataset.template, editor.request, schema);
  }
}

// What is done when nothing has asked for it for a while, or when it must be settled.
class Delayed {
  constructor(act) {
    this.act = act;
    this.timer = null;
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLED_MS);
  }

  settle() {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.act();
  }
}
