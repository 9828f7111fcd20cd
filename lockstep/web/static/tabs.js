// Sections that stand one after the other become tabs: `<div data-tabs="label"><section data-tab="name"><h3>…`.

import { make } from "./elements.js";

// Returns what shows one of the tabs by its name.
export function startTabs(root) {
  const sections = [...root.querySelectorAll(":scope > [data-tab]")];
  const tabs = sections.map((section) => makeTab(root, section));
  const show = (name) => sections.forEach((section, place) => {
    const isShown = section.dataset.tab === name;
    section.hidden = !isShown;
    tabs[place].setAttribute("aria-selected", isShown);
    tabs[place].tabIndex = isShown ? 0 : -1;
  });
  const list = make("div", { role: "tablist", "aria-label": root.dataset.tabs }, ...tabs);
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab.dataset.name);
  });
  list.addEventListener("keydown", (event) => {
    const next = findNext(tabs, event.key);
    if (!next) return;
    event.preventDefault();
    show(next.dataset.name);
    next.focus();
  });
  root.prepend(list);
  show(sections[0].dataset.tab);
  return show;
}

function makeTab(root, section) {
  const id = `${root.dataset.tabs.toLowerCase()}-${section.dataset.tab}`;
  const heading = section.querySelector("h3, h4");
  heading.hidden = true;
  section.id = id;
  section.setAttribute("role", "tabpanel");
  section.setAttribute("aria-labelledby", `${id}-tab`);
  const tab = make("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id }, heading.textContent);
  tab.dataset.name = section.dataset.tab;
  return tab;
}

function findNext(tabs, key) {
  const place = tabs.indexOf(document.activeElement);
  const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[key];
  return to === undefined ? null : tabs[(to + tabs.length) % tabs.length];
}
