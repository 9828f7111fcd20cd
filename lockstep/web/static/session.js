// The key of this tab, in a variable and nowhere else, and the pages that are asked for with it.

import { start } from "./console.js";
import { describeStatus, explainRefusal, SILENCE } from "./refusals.js";

let key = "";

/** Return the key that was given, empty without one. */
export function currentKey() {
  return key;
}

/** Send a request, with the key if there is one; takes and returns what `fetch` does. */
export function send(url, options = {}) {
  const headers = new Headers(options.headers);
  if (key) {
    headers.set("x-api-key", key);
  }
  return fetch(url, { ...options, headers, credentials: "omit" });
}

/** Let the form ask for the page again, with the key. */
export function startKeyForm(form) {
  const field = form.querySelector("input");
  const button = form.querySelector("button");
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    key = field.value.trim();
    const refusal = await show(location.href);
    button.disabled = false;
    if (refusal) {
      key = "";
      const state = form.querySelector(".state");
      state.textContent = refusal;
      state.classList.add("error");
      field.select();
    }
  });
}

let asked = 0; // pages; of several only the one that was asked for last is put in place

/** Put another page of this service in place; return why not, empty if it is there, null if another one was asked for. */
async function show(address) {
  const number = (asked += 1);
  const { text, refusal } = await ask(address);
  if (number !== asked) return null;
  if (!refusal) put(text);
  return refusal;
}

async function ask(address) {
  try {
    const answer = await send(address, { headers: { Accept: "text/html" } });
    const { ok, status, headers } = answer;
    if (ok) return { text: await answer.text(), refusal: "" };
    const explained = explainRefusal({ status, retryAfter: headers.get("Retry-After"), hasKey: key !== "" });
    return { refusal: explained || describeStatus(status) };
  } catch {
    return { refusal: SILENCE };
  }
}

function put(text) {
  const page = new DOMParser().parseFromString(text.replace(STYLE, ""), "text/html");
  document.title = page.title;
  for (const sheet of page.querySelectorAll("link[rel=stylesheet]")) {
    if (!document.querySelector(`link[href="${sheet.getAttribute("href")}"]`)) {
      document.head.append(sheet);
    }
  }
  if (page.querySelector("body > main")) {
    for (const part of ["header", "main"]) {
      document.querySelector(`body > ${part}`).replaceWith(page.querySelector(`body > ${part}`));
    }
  } else {
    document.querySelector("body > main").replaceChildren(...page.body.children); // a report, which is a page of its own
  }
  scrollTo(0, 0);
  start(document);
  document.querySelector("h1").tabIndex = -1;
  document.querySelector("h1").focus();
}

/** Show another page, or say above this one why not; return whether it is there. */
async function goTo(address) {
  const refusal = await show(address);
  if (refusal === null) return false;
  const line = document.querySelector("#refusal");
  line.textContent = refusal;
  line.classList.toggle("error", refusal !== "");
  if (refusal) line.scrollIntoView({ block: "nearest" });
  return !refusal;
}

// What needs the key: the console, and report cards.
const KEYED = /^\/(docs)?$|^\/v1\/models\/.*\/report$/;

// The style sheet in a report: the policy of this page allows none, and this page has the same one as a file.
const STYLE = /<style>.*?<\/style>/s;

// With a key, links and forms that lead to such a page keep it: the page is asked for by script.
async function follow(event, address) {
  const target = new URL(address, location.href);
  if (!key || target.origin !== location.origin || !KEYED.test(target.pathname)) {
    return;
  }
  event.preventDefault();
  if (await goTo(target.href)) history.pushState(null, "", target); // a page that was refused is not where we are
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    follow(event, link.href);
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === "/") {
    follow(event, `/?${new URLSearchParams(new FormData(event.target))}`);
  }
});
window.addEventListener("popstate", () => key && goTo(location.href));
