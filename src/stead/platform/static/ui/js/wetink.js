// Wet ink: what changed by a live refresh has a wash that dries in two seconds. Only elements with an id inside a
// [data-live] part are compared, so that a row keeps its name across the swap.
const before = new Map();

const texts = (part) => new Map([...part.querySelectorAll("[id]")].map((row) => [row.id, row.textContent]));

export const remember = (part) => before.set(part.id, texts(part));

document.addEventListener("htmx:after:swap", () => {
  for (const [id, old] of before) {
    const part = document.getElementById(id);
    if (!part) continue;
    for (const row of part.querySelectorAll("[id]")) {
      if (old.get(row.id) === row.textContent) continue;
      row.classList.add("wet");
      row.addEventListener("animationend", () => row.classList.remove("wet"), { once: true });
    }
    before.delete(id);
  }
});
