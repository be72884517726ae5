// A refusal or an error summary takes the focus, once, when it arrives: by page or by swap.
const take = (root) => {
  const place = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
  // A specimen on /design shows the state without being one.
  if (place && !place.dataset.taken && !place.closest("[data-specimen]")) {
    place.dataset.taken = "";
    place.focus();
  }
};

take(document.body);
document.addEventListener("htmx:after:swap", () => take(document.body));
