// パスワード表示: one box for all password fields; hidden again on sending and on coming back.
const fields = document.querySelectorAll("[data-password]");
const line = document.querySelector("[data-reveal]");
if (line) {
  const box = line.querySelector("input");
  const apply = () => fields.forEach((field) => { field.type = box.checked ? "text" : "password"; });
  const hide = () => { box.checked = false; apply(); };
  line.hidden = false;
  box.addEventListener("change", apply);
  line.closest("form").addEventListener("submit", hide);
  window.addEventListener("pageshow", hide);
}
