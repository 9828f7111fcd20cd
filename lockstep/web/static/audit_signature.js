// The signature of a certificate: Ed25519 over its compact JSON with an empty signature.

const TOKEN = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Return how a certificate is signed: `none`, `unchecked`, `unable`, `wrong key`, `broken` or `right`. */
export async function checkSignature({ kind, text, signature }, pem) {
  if (kind !== "certificate" || !signature) return "none";
  if (!pem) return "unchecked";
  if (!globalThis.crypto?.subtle) return "unable";
  let key;
  try {
    key = await crypto.subtle.importKey("spki", readPem(pem), { name: "Ed25519" }, false, ["verify"]);
  } catch (fault) {
    return fault.name === "NotSupportedError" ? "unable" : "wrong key";
  }
  const bytes = readHex(signature);
  const isRight = bytes && await crypto.subtle.verify({ name: "Ed25519" }, key, bytes, writeSigned(text, signature));
  return isRight ? "right" : "broken";
}

/** Return what was signed, as bytes: the text itself, so that each number stays as it was written. */
function writeSigned(text, signature) {
  const compact = text.replace(TOKEN, (_, literal) => literal ?? "");
  return new TextEncoder().encode(compact.replace(`"signature":"${signature}"`, '"signature":""'));
}

function readPem(pem) {
  const encoded = pem.replace(/-----[^-]*-----/g, "").replace(/\s/g, "");
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}

function readHex(signature) {
  const isHex = /^([0-9a-f]{2})+$/i.test(signature);
  return isHex ? Uint8Array.from(signature.match(/../g), (pair) => parseInt(pair, 16)) : null;
}
