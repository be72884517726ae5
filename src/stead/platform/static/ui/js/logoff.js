// A screen that nobody touches is cleared when the session is over: the page asks, without counting as a person doing
// something, whether somebody is still signed in, and leads to the page again where not, which is the sign-in page then.
const place = document.querySelector("[data-logoff]");
let timer;

const ask = async () => {
  const ownWord = { "HX-Source": "logoff", "HX-Target": "logoff" };
  const answer = await fetch(place.dataset.alive, { headers: ownWord, redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") location.reload();
  else wait();
};

const wait = () => {
  clearTimeout(timer);
  timer = setTimeout(ask, Number(place.dataset.logoff) * 1000);
};

if (place) {
  wait();
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, wait, { capture: true, passive: true });
}
