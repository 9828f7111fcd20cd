// Why a request was refused, or got no answer, in words: the same for the pages and for "Try it".

export const SILENCE = "The service does not answer. Is it running?";

// Returns why, from the status and the header Retry-After alone; empty for a status that says too little.
export function explainRefusal({ status, retryAfter, hasKey }) {
  if (status === 401 && !hasKey) return "This service needs a key. Load the page again to paste it; it stays in this tab.";
  if (status === 401) return "The service does not know this key. Compare it with LOCKSTEP_API_KEYS, or ask the operator.";
  if (status === 429) return `Too many requests. Try again in ${describeSeconds(retryAfter)}.`;
  if (status === 502 || status === 504) return "A proxy got no answer from the service. Try again.";
  return "";
}

export function describeStatus(status) {
  return `The service answered with status ${status}.`;
}

function describeSeconds(retryAfter) {
  const seconds = Number(retryAfter);
  if (!(seconds > 0)) return "a moment";
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}
