// A request to the service, and what came back.

import { send } from "./session.js";

// Returns {status, text, body, headers, duration, retryAfter}; `body` is null if the text is no JSON. Throws TypeError
// if nothing answers.
export async function sendRequest(path, text) {
  const began = performance.now();
  const answer = await send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: text });
  const received = await answer.text();
  return {
    status: answer.status,
    text: received,
    body: parse(received),
    headers: [...answer.headers],
    duration: performance.now() - began,
    retryAfter: answer.headers.get("retry-after"),
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
