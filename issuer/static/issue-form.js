// Shows the procedure only where it is asked for, names the password by its purpose, marks fields OK.
const form = document.querySelector("[data-issue-form]");
const procedure = form.querySelector("[data-only-for]");
const select = procedure.querySelector("select");
const label = form.querySelector("[data-new-label]");
const usual = label.textContent;

function follow() {
  const purpose = form.elements.purpose.value;
  procedure.hidden = purpose !== procedure.dataset.onlyFor;
  if (procedure.hidden) select.value = "";
  label.textContent = purpose === "password_change" ? `新しい${usual}` : usual;
  const known = purpose === "authentication" ? "current-password" : "new-password";
  form.elements.password.autocomplete = known;
  form.elements.password_confirm.autocomplete = known;
}

const complete = {
  purpose: () => form.elements.purpose.value !== "",
  procedure: () => select.value !== "",
  receiver_name: () => form.elements.receiver_name.value.trim() !== "",
  password: () => form.elements.password.value.length >= Number(form.dataset.shortest || 8),
  password_confirm: () => form.elements.password_confirm.value !== ""
    && form.elements.password_confirm.value === form.elements.password.value,
};

function markFor(name) {
  const field = form.querySelector(`#${name}`).closest(".oss-field");
  const mark = document.createElement("span");
  mark.className = "oss-ok";
  mark.setAttribute("role", "status");
  field.querySelector(".oss-required").after(mark);
  return mark;
}

const marks = Object.fromEntries(Object.keys(complete).map((name) => [name, markFor(name)]));

function check() {
  for (const [name, isComplete] of Object.entries(complete)) {
    const text = isComplete() ? "OK" : "";
    if (marks[name].textContent !== text) marks[name].textContent = text;
  }
}

// "input", not "change": a mark that appears between pressing and letting go would move the button.
form.addEventListener("input", () => { follow(); check(); });
window.addEventListener("pageshow", () => { follow(); check(); });
follow();
check();
