// Keys: G and a letter opens a room, J and K walk rows, Enter opens, O opens the row's figure, E presses its button,
// ? lists them, Esc puts the patient in hand down. Off while typing, with a dialog open, and when switched off
// (WCAG 2.1.4): the switch is under the person's name and remembered on this device.
const STORE = "stead.keys";
const off = () => localStorage.getItem(STORE) === "off";
const typing = (place) => place.isContentEditable || place.matches("input:not([type=checkbox], [type=radio]), textarea, select");
let awaiting = false;

const rows = () => [...document.querySelectorAll("[data-rows]:not(table) > *, table[data-rows] > tbody > tr:not(.group)")];
const here = () => document.querySelector("[data-at]");

const walk = (step) => {
  const all = rows();
  const now = all.indexOf(here());
  const next = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + step))];
  if (!next) return;
  here()?.removeAttribute("data-at");
  next.setAttribute("data-at", "");
  next.querySelector("a, button")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};

const press = (selector) => here()?.querySelector(selector)?.click();

const room = (letter) => document.querySelector(`.bar > .rooms a[data-letter="${CSS.escape(letter.toUpperCase())}"]`)?.click();

const single = {
  j: () => walk(1),
  k: () => walk(-1),
  o: () => press(".figure"),
  e: () => press(".act :is(a, button)"),
  g: () => { awaiting = true; setTimeout(() => { awaiting = false; }, 1200); },
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || off() || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") document.querySelector("[data-put-down]")?.click();
  else if (awaiting) { awaiting = false; room(event.key); }
  else if (event.key === "Enter" && event.target === document.body) press("a");
  else if (single[event.key]) { event.preventDefault(); single[event.key](); }
});

for (const box of document.querySelectorAll("[data-keys-switch]")) {
  box.checked = !off();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
}
