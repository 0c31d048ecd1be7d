// Pages beside the stage: Esc goes back, and what is to be printed prints.
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (target) { event.preventDefault(); target.click(); }
});

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
if (document.body.hasAttribute("data-print-now")) window.print();
