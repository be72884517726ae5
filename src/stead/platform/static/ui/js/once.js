// One press, one post: while a form is in flight a second submit is dropped. The server's idempotency key is the truth,
// this only spares the second trip. Released when htmx has its answer or the page comes back from history.
const flying = "flight";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (flying in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset[flying] = "";
  // A submit that another listener refused has not left: nothing would release it later.
  // Not a microtask: after a real press those run before the next listener, which has refused nothing yet.
  setTimeout(() => {
    if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]")) delete form.dataset[flying];
  });
}, true);

const release = (root) => root.querySelectorAll?.("form[data-flight]").forEach((form) => delete form.dataset[flying]);
document.addEventListener("htmx:finally:request", (event) => {
  delete event.target.closest?.("form")?.dataset[flying];
});
window.addEventListener("pageshow", () => release(document));
