// The first module of every page: it starts the others on the parts of the page that they serve.
// A part is an element with `data-part="name"`. A page that was asked for again, with a key, is started as well.

import { currentKey, startKeyForm } from "./session.js";

const PARTS = {
  audit: async (part) => (await import("./audit.js")).startAudit(part),
  chart: async (figure) => (await import("./chart.js")).startChart(figure),
  filter: async (part) => (await import("./docs_filter.js")).startFilter(part),
  key: startKeyForm,
  try: async (section) => (await import("./try.js")).startTry(section, currentKey),
};

/** Start the modules of every part inside of an element. */
export function start(root) {
  for (const part of root.querySelectorAll("[data-part]")) {
    PARTS[part.dataset.part]?.(part);
  }
}

/** Close the list of models when something beside it is clicked, or by Escape. */
function startPicker() {
  const close = () => document.querySelector(".picker")?.removeAttribute("open");
  document.addEventListener("click", (event) => event.target.closest(".picker") || close());
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
}

startPicker();
start(document);
