// Runs in every page before its own scripts and tells each countable event to Python by `steadRuler`.
// Told are: a press, a key that acts (Enter, Space on a button, a letter outside a field), a chosen drop-down, a filled
// field, a new view, a page load. A press into a text field belongs to the field, one on a drop-down to its choice.
(() => {
  if (window.top !== window || window.steadRulerRuns) return;
  window.steadRulerRuns = true;
  const TYPED = "input:not([type=checkbox], [type=radio], [type=file], [type=submit], [type=button], [type=image],"
    + " [type=reset], [type=hidden], [type=range], [type=color]), textarea, [contenteditable=true]";
  const PANELS = "dialog[open], [role=dialog], [role=alertdialog], aside, .panel, .drill-panel";
  const tell = (kind) => window.steadRuler(kind);
  const at = (event, selector) => event.target instanceof Element && event.target.closest(selector);

  tell("load");

  addEventListener("pointerdown", (event) => {
    if (!event.isTrusted || !event.isPrimary || at(event, "select") || at(event, TYPED)) return;
    tell("click");
  }, true);

  addEventListener("change", (event) => { if (at(event, "select")) tell("choice"); }, true);

  addEventListener("keydown", (event) => {
    if (!event.isTrusted || ["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key) || at(event, "select")) return;
    const typing = at(event, TYPED) && !event.ctrlKey && !event.metaKey;
    if (!typing || (event.key === "Enter" && !at(event, "textarea"))) tell("key");
  }, true);

  const filled = new WeakSet();
  addEventListener("input", (event) => {
    const field = at(event, TYPED);
    if (!event.isTrusted || !field || filled.has(field)) return;
    filled.add(field);
    tell(field.matches("[type=search], [role=searchbox], search *") ? "search" : "field");
  }, true);

  // A view: a panel or dialog that was not there before or has another heading now, or another heading of the page. What
  // changes at once is one view.
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const words = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
  const heading = (panel) => words(panel.querySelector("h1, h2, h3")) || panel.getAttribute("aria-label");
  const views = () => {
    const panels = [...document.querySelectorAll(PANELS)].filter(seen);
    const outer = panels.filter((one) => !panels.some((other) => other !== one && other.contains(one)));
    return new Set([`page ${words(document.querySelector("main h1, h1"))}`,
      ...outer.map((panel) => `panel ${panel.id || panel.className} ${heading(panel)}`)]);
  };
  let known = null;
  const look = () => {
    const now = views();
    if (known && [...now].some((view) => !known.has(view))) tell("view");
    known = now;
  };
  let due = false;
  const changed = () => {
    if (due || !known) return;
    due = true;
    requestAnimationFrame(() => { due = false; look(); });
  };
  addEventListener("load", () => {
    look();
    new MutationObserver(changed).observe(document.documentElement, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["open", "hidden", "class"],
    });
  });
})();
