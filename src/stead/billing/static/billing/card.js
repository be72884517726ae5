// The sandbox's hosted fields: the inputs of the card have no name, so no browser ever posts them; this script turns
// them into a token here, as a processor's own frame would, and only the token and four digits go to the practice.
const luhn = (digits) => [...digits].reverse().reduce((sum, d, n) => {
  const twice = Number(d) * (1 + (n % 2));
  return sum + (twice > 9 ? twice - 9 : twice);
}, 0) % 10 === 0;
const brandOf = (digits) => ({ 3: "Amex", 4: "Visa", 5: "Mastercard", 2: "Mastercard", 6: "Discover" })[digits[0]] ?? "Card";
// Test cards of the sandbox carry their behaviour in the token, as simulation/cards.py makes it.
const TEST_CARDS = ["9995", "9987", "0069", "0119"];
const REFUSED = "0002";

function tokenOf(digits) {
  const test = digits.startsWith("40000000") ? digits.slice(-4) : "";
  // letters only: digits of a token would now and then pass for a card number, which every page refuses
  const random = [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => String.fromCharCode(97 + (byte % 16))).join("");
  return `tok_${TEST_CARDS.includes(test) ? test : "ok"}_${random}`;
}

function begin() {
  const form = document.querySelector("[data-card-form]");
  if (!form?.hidden) return;
  const field = (key) => form.querySelector(`[data-card=${key}]`);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.token.value) return;
    event.preventDefault();
    const digits = field("number").value.replace(/\D/g, "");
    const ends = field("ends").value.match(/^\s*(\d{1,2})\s*[/\- ]?\s*(\d{2}|\d{4})\s*$/);
    const refused = digits.startsWith("40000000") && digits.endsWith(REFUSED);
    const good = digits.length >= 13 && digits.length <= 19 && luhn(digits) && ends && !refused;
    form.querySelector("[data-card-wrong]").hidden = Boolean(good);
    if (!good) { field("number").focus(); return; }
    form.elements.token.value = tokenOf(digits);
    form.elements.brand.value = brandOf(digits);
    form.elements.last4.value = digits.slice(-4);
    form.elements.expires_month.value = Number(ends[1]);
    form.elements.expires_year.value = ends[2].length === 2 ? `20${ends[2]}` : ends[2];
    field("number").value = field("ends").value = "";
    form.submit(); // not requestSubmit: the guard against double posts has seen this one already
  });
}

begin();
document.addEventListener("htmx:finally:request", begin); // the form may come with an answer
