// Buttons that copy a text: `<button data-copy="id of its element">`.

const SHOWN_MS = 2000;

export function startCopy(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      button.textContent = (await copyText(document.getElementById(button.dataset.copy))) ? "Copied" : "Selected: press Ctrl+C";
      setTimeout(() => { button.textContent = label; }, SHOWN_MS);
    });
  }
}

// Returns whether the text is on the clipboard; where a browser lends none, as without TLS, the text is selected.
async function copyText(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
