// Passkeys: the forms marked data-passkey-sign-in and data-passkey-register stay hidden where a browser has none.
// A form gives the two addresses (challenge, answer); the CSRF token is in the form.
const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

const send = async (form, address, body) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.words);
  return said;
};

const signIn = async (form) => {
  const options = await send(form, form.dataset.begin, {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.get({ publicKey });
  const target = `${form.dataset.finish}?${new URLSearchParams({ next: form.elements.next.value })}`;
  location.assign((await send(form, target, credential.toJSON())).next);
};

const register = async (form) => {
  const options = await send(form, form.dataset.begin, {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.create({ publicKey });
  const said = await send(form, form.dataset.finish, { name: form.elements.name.value, credential: credential.toJSON() });
  location.assign(said.next);
};

const cancelled = (error) => error.name === "NotAllowedError" || error.name === "AbortError";

for (const [mark, run] of [["passkeySignIn", signIn], ["passkeyRegister", register]]) {
  for (const form of document.querySelectorAll("form")) {
    if (!(mark in form.dataset) || !able) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[data-said]");
      said.textContent = "";
      try {
        await run(form);
      } catch (error) {
        said.textContent = cancelled(error) ? form.dataset.cancelled ?? "Nothing was changed." : error.message;
      }
    });
  }
}
