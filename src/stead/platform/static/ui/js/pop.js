// Popovers are <details class="pop">: one open at a time, closed by Esc and by a press elsewhere. Without script they
// open and close by their summary. Also shows the print button, which is of no use without script.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.pop") || !event.target.open) return;
  for (const other of document.querySelectorAll("details.pop[open]")) {
    if (other !== event.target && !other.contains(event.target)) other.open = false;
  }
}, true);

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.pop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.pop[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
  event.stopImmediatePropagation();
}, true);

for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
