// The filter of the API reference: it hides the routes, types and problems that lack one of the words.

/** Start the filter of a page; without script it does not show. */
export function startFilter(part) {
  const field = part.querySelector("input");
  const status = part.querySelector("[role=status]");
  const filtered = [...document.querySelectorAll("[data-filtered]")].reverse();
  const texts = new Map(filtered.map((element) => [element, element.textContent.toLowerCase()]));
  part.hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = filtered.filter((element) => showIf(element, words.every((word) => texts.get(element).includes(word))));
    for (const group of document.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-filtered]:not([hidden])");
    }
    status.textContent = words.length ? `${shown.length} of ${filtered.length} shown` : "";
  });
}

function showIf(element, isWanted) {
  element.hidden = !isWanted;
  return isWanted;
}
