// Pages beside the stage: Esc goes back, a search key falls into fours, the receipt prints.
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (target) { event.preventDefault(); target.click(); }
});

const key = document.querySelector("[data-fours]");
key?.addEventListener("input", (event) => {
  if (event.isComposing || key.selectionStart !== key.value.length) return;
  if (event.inputType?.startsWith("delete")) return;
  const bare = key.value.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "");
  key.value = bare.match(/.{1,4}/g)?.join(" ") ?? "";
});

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
