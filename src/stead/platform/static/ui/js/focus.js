// A refusal or an error summary takes the focus, once, when it arrives: by page or by swap.
const take = (root) => {
  const place = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
  if (place && !place.dataset.taken) {
    place.dataset.taken = "";
    place.focus();
  }
};

take(document.body);
document.addEventListener("htmx:after:swap", () => take(document.body));
