// Shows the print button, which needs a script; the PDF link beside it does not.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
