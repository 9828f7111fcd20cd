// The place of the answer: a sentence that a screen reader hears, and tabs for the frame, the JSON and the headers.

import { Chart } from "./chart.js";
import { describeAnswer, makeTable } from "./try_answer.js";
import { chartAnswer } from "./try_chart.js";
import { layOut } from "./try_json.js";
import { makeBars } from "./try_picture.js";

export class Answer {
  constructor(section, showTab) {
    const find = (selector) => section.querySelector(selector);
    this.showTab = showTab;
    this.member = section.dataset.frame;
    this.said = find(".said");
    this.other = find("[data-other]");
    this.picture = find(".picture");
    this.chart = new Chart(find(".answer figure"), this.said.id);
    this.chart.figure.prepend(...this.chart.elements);
    this.table = find("[data-tab=frame] .wide");
    this.about = find("[data-tab=json] .about");
    this.json = find("[data-example]");
    this.headers = find("#try-headers");
  }

  say(words) {
    this.said.textContent = words;
    this.said.classList.remove("error");
    this.other.hidden = true;
  }

  // Offers to forecast with the other choice of history.
  offer(history, onChosen) {
    this.other.textContent = `Forecast ${history === "none" ? "without" : "with"} the stored bars`;
    this.other.onclick = onChosen;
    this.other.hidden = false;
  }

  refuse(words) {
    this.say(words);
    this.said.classList.add("error");
  }

  // Shows the answer that came with the page.
  showExample() {
    const text = this.json.textContent;
    if (text) this.showFrame(JSON.parse(text)[this.member]);
    this.json.textContent = layOut(text);
    this.headers.textContent = "Nothing is sent yet.";
  }

  // Shows a reply; `refusal` are the words of a problem, undefined if it is none.
  show(reply, refusal) {
    this.about.textContent = "";
    this.json.textContent = layOut(reply.text);
    const headers = reply.headers.map(([name, value]) => `${name}: ${value}`);
    this.headers.textContent = [`status: ${reply.status}`, ...headers].join("\n");
    if (refusal !== undefined) {
      this.refuse(refusal);
      this.showTab("json");
      return;
    }
    const frame = reply.body[this.member];
    const { warnings = [] } = reply.body;
    this.showFrame(frame);
    this.say([describeAnswer(frame, reply.duration), ...warnings.map((line) => `Note: ${line}${/[.?]$/.test(line) ? "" : "."}`)].join("\n"));
    this.showTab("frame");
  }

  showFrame(frame) {
    this.picture.replaceChildren(makeBars(frame) ?? "");
    this.chart.show(chartAnswer(frame));
    this.table.replaceChildren(makeTable(frame, "The answer, a line for each row of the request"));
  }
}
