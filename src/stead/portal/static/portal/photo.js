// Show the chosen photo before it is sent. Without this script the form sends it all the same.
const form = document.querySelector("[data-photo]");
const input = form?.querySelector("input[type=file]");
const place = form?.querySelector("[data-preview]");
input?.addEventListener("change", () => {
  const [file] = input.files;
  place.hidden = !file?.type.startsWith("image/");
  if (place.hidden) return;
  const reader = new FileReader(); // a data: address, because the policy of pages allows no blob:
  reader.addEventListener("load", () => { place.querySelector("img").src = reader.result; });
  reader.readAsDataURL(file);
});
