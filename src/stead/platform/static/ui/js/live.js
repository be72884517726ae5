// Live parts: `<div id="stuck" data-live="case claim" hx-get="…" hx-target="this" hx-swap="innerMorph" hx-trigger="stale">`.
// A journal event (SSE, named "journal", data {"verb": "case.stage_entered", "at": "10:42:07 am"}) makes the parts stale whose
// words its verb starts with; "*" means every verb. Rows under the pointer or the focus never move: such a part shows
// "n new" instead and refreshes on press. Without a connection the page says that it is not live and stays as it is.
import { remember } from "./wetink.js";

const lamp = document.getElementById("live");
const waiting = new Map();
let pause; // A timer, while one runs: what comes meanwhile waits with it, so that a stream of lines holds nothing up.
let settled = 0;

const say = (state) => { if (lamp) lamp.dataset.state = state; };

const concerns = (part, verb) => part.dataset.live.split(/\s+/).some((word) => word === "*" || verb.startsWith(word));

const busy = (part) => part.matches(":hover") || part.contains(document.activeElement);

const refresh = (part) => {
  waiting.delete(part.id);
  part.querySelector(":scope > .new-rows")?.remove();
  remember(part);
  htmx.trigger(part, "stale");
};

const announce = (part) => {
  const count = waiting.get(part.id);
  let button = part.querySelector(":scope > .new-rows");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "button new-rows";
    button.addEventListener("click", () => refresh(part));
    part.append(button);
  }
  button.textContent = `${count} ${part.dataset.newWords ?? "new"}`;
};

const settle = () => {
  for (const id of [...waiting.keys()]) {
    const part = document.getElementById(id);
    if (!part) waiting.delete(id);
    else if (busy(part)) announce(part);
    else refresh(part);
  }
};

const arrived = (event) => {
  let said = {};
  try {
    said = JSON.parse(event.detail?.data ?? "{}");
  } catch {
    return; // Not a journal line: it stays unread, the page is as true as before.
  }
  const clock = lamp?.querySelector("[data-last]");
  if (clock && said.at) clock.textContent = said.at;
  for (const part of document.querySelectorAll("[data-live][id]")) {
    if (concerns(part, said.verb ?? "")) waiting.set(part.id, (waiting.get(part.id) ?? 0) + 1);
  }
  pause ??= setTimeout(() => { pause = undefined; settled = Date.now(); settle(); }, Math.max(250, settled + 1000 - Date.now()));
};

// What happened while the line was down is not known here, so every part reads itself again.
const missed = () => {
  for (const part of document.querySelectorAll("[data-live][id]")) waiting.set(part.id, waiting.get(part.id) ?? 1);
  settle();
};

if (lamp) {
  lamp.addEventListener("journal", arrived);
  let before = false;
  document.addEventListener("htmx:sse:after:connection", () => {
    say("live");
    if (before) missed();
    before = true;
  });
  // The stream ended and is being opened again: until it is, nothing arrives.
  document.addEventListener("htmx:sse:before:connection", () => { if (before) say("off"); });
  for (const name of ["htmx:sse:error", "htmx:sse:close"]) document.addEventListener(name, () => say("off"));
  // Connected here and not in the markup, so that no line arrives before somebody listens; and after htmx's own start,
  // which is a timer set earlier than this one, so that it is connected once.
  setTimeout(() => {
    lamp.setAttribute("hx-sse:connect", lamp.dataset.connect);
    htmx.process(lamp);
  });
  for (const name of ["pointerleave", "focusout"]) document.addEventListener(name, () => setTimeout(settle), true);
}
