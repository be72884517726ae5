// Show each chosen photo before it is sent. Without this script the form sends them all the same.
for (const one of document.querySelectorAll("[data-photo] [data-one]")) {
  const input = one.querySelector("input[type=file]");
  const place = one.querySelector("[data-preview]");
  input.addEventListener("change", () => {
    const [file] = input.files;
    place.hidden = !file?.type.startsWith("image/");
    if (place.hidden) return;
    const reader = new FileReader(); // a data: address, because the policy of pages allows no blob:
    reader.addEventListener("load", () => { place.querySelector("img").src = reader.result; });
    reader.readAsDataURL(file);
  });
}
