// A sheet beside the page (`.beside`) is filled by htmx and closed by its [data-close] or by Esc: it is emptied, and the
// focus goes back to what opened it. Without script the same content is a page of its own.
let opener = null;
let place = ""; // the field that a link in the sheet names after its "#": no browser goes there when htmx follows it

const close = (sheet) => {
  sheet.replaceChildren();
  opener?.focus();
};

document.addEventListener("htmx:before:request", (event) => {
  const inside = event.target.closest?.(".beside");
  if (!inside) opener = event.target;
  place = inside && event.target.matches("a[href]") ? event.target.hash.slice(1) : "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close]");
  if (button) close(button.closest(".beside"));
});

document.addEventListener("keydown", (event) => {
  const sheet = event.key === "Escape" && document.querySelector(".beside:not(:empty)");
  if (!sheet || document.querySelector("dialog[open], details.pop[open]")) return;
  event.stopImmediatePropagation();
  close(sheet);
}, true);

// What had the focus is gone with the old content: the sheet takes it, so that the keyboard goes on where the eye is.
document.addEventListener("htmx:after:swap", () => {
  const sheet = document.querySelector(".beside:not(:empty)");
  const named = sheet && place && document.getElementById(place);
  if (named && sheet.contains(named)) named.focus();
  place = "";
  if (sheet && document.activeElement === document.body) sheet.focus({ preventScroll: true });
});
