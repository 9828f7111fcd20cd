// Whose rows are shown: a sentence above them, and what was found out about the file that was dropped last.

export class Source {
  constructor(section) {
    this.owner = section.querySelector("[data-owner]");
    this.note = section.querySelector("[data-file]");
    this.first = this.owner.textContent;
  }

  // `said` is how the file was read.
  take(name, rows, said) {
    this.owner.textContent = `These rows come from ${name} (${rows}).`;
    this.tell(said.length ? `${name} was read: ${said.join("; ")}.` : "");
  }

  refuse(words) {
    this.tell(`${words}\nThe rows above stay as they were.`);
    this.note.classList.add("error");
  }

  reset() {
    this.owner.textContent = this.first;
    this.tell("");
  }

  tell(words) {
    this.note.textContent = words;
    this.note.classList.remove("error");
  }
}
