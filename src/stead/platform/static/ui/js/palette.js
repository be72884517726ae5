// Ctrl-K: the search page inside a dialog. Rows are the page's own links and forms; arrows move the focus, Enter in the
// field takes the first one, the letter on a row runs it while a row has the focus. If the answer does not come, the
// form still opens the search page.
const dialog = document.getElementById("palette");
const form = dialog?.querySelector("form");
const field = form?.elements.q;
const hits = document.getElementById("hits");
const said = document.getElementById("hits-said");
let asked = 0;
let pause;

const rows = () => [...hits.querySelectorAll(":is(a, li button)")];

const show = (html) => {
  hits.innerHTML = html;
  const found = rows();
  found[0]?.closest("li")?.classList.add("first");
  said.textContent = `${found.length} ${said.dataset.found}`;
};

const ask = async () => {
  const mine = ++asked;
  const address = new URL(form.action);
  address.search = new URLSearchParams({ part: "palette", q: field.value, at: location.pathname }).toString();
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "div#hits" } });
    if (answer.ok && mine === asked) show(await answer.text());
  } catch {
    said.textContent = ""; // Offline: the old rows stay and Enter opens the plain search page.
  }
};

const open = (text = "") => {
  if (dialog.open) return;
  field.value = text;
  dialog.showModal();
  field.focus();
  ask();
};

const move = (step) => {
  const all = [field, ...rows()];
  const now = all.indexOf(document.activeElement);
  all[(now + step + all.length) % all.length].focus();
};

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.querySelector("[data-palette] input")?.addEventListener("input", (event) => {
    const typed = event.target.value;
    event.target.value = "";
    open(typed);
  });
  field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(ask, 120); });
  form.addEventListener("submit", (event) => {
    const first = rows()[0];
    if (!first) return;
    event.preventDefault();
    first.click();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      event.preventDefault(); // A search field would keep the first Esc for emptying itself.
      dialog.close();
    } else if (event.target !== field && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const run = hits.querySelector(`[data-run="${CSS.escape(event.key.toUpperCase())}"]`);
      if (run) run.click();
      else field.focus();
    }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
