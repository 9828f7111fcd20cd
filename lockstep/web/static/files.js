// Files that are dropped on a part of a page, or chosen there.

// Calls `take` with the files; it may return a promise, until which the chosen ones are kept.
export function startFiles(zone, take) {
  const mark = (isOver) => zone.classList.toggle("over", isOver);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener("dragleave", () => mark(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    take([...event.dataTransfer.files]);
  });
  const chooser = zone.querySelector("input[type=file]");
  chooser.addEventListener("change", async () => {
    await take([...chooser.files]);
    chooser.value = ""; // the same file again is a change as well
  });
}
