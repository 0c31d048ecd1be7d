// Ticks are kept on the server as they are made; the line under the list comes back from there.
export function followBasket(view) {
  const form = view.querySelector("[data-choice-url]");
  const all = view.querySelector("[data-tick-all]");
  if (all) all.hidden = false;
  if (!form || form.dataset.followed) return;
  form.dataset.followed = "yes";
  let wanted = false;
  let saving = false;

  async function save() {
    wanted = true;
    if (saving) return;
    saving = true;
    while (wanted && form.isConnected) {
      wanted = false;
      await saveOnce(form);
    }
    saving = false;
  }

  form.addEventListener("change", save);
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-tick-all]")) return;
    for (const row of form.querySelectorAll("[data-row]")) row.checked = true;
    save();
  });
}

async function saveOnce(form) {
  try {
    const answer = await fetch(form.dataset.choiceUrl, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Fragment": "1" },
    });
    if (!answer.ok) return; // the event stream brings what stands there now
    const summary = document.getElementById("summary");
    const focused = document.activeElement?.dataset?.key;
    summary.innerHTML = await answer.text();
    summary.querySelector("[data-tick-all]").hidden = false;
    if (focused && document.activeElement === document.body) {
      summary.querySelector(`[data-key="${focused}"]`)?.focus();
    }
  } catch {
    // The program is away: the page says so by itself, and asks again with the main button.
  }
}
