// Changes 文字サイズ in place: sending the form would lose what is typed in the page's other forms.
// Where the server cannot be told (a stale page), the size holds for this page alone.
const form = document.querySelector(".oss-text-size");

form?.addEventListener("submit", (event) => {
  const chosen = event.submitter;
  if (!chosen) return;
  event.preventDefault();
  document.documentElement.dataset.textSize = chosen.value;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, chosen)), redirect: "manual" });
});
