// Ticks are kept on the server as they are made, and what follows from them comes back. Papers taken
// in exchange are found by the server, on its own scanner or in the field above the rows.
import { announce } from "./announce.js";
import { playOnce } from "./sound.js";
import { text as say } from "./texts.js";

let heard = 0; // papers of this basket that were said already
let lastRow = null;

export function followBasket(view, show, lost) {
  const form = view.querySelector("[data-choice-url]");
  if (!form || form.dataset.followed) return;
  form.dataset.followed = "yes";
  heard = 0;
  lastRow = null;
  let wanted = false;
  let saving = false;

  async function save() {
    wanted = true;
    if (saving) return;
    saving = true;
    while (wanted && form.isConnected) {
      wanted = false;
      await saveOnce(form, show).catch(lost); // the event stream says when the program is back
    }
    saving = false;
  }

  view.addEventListener("change", (event) => { if (event.target.form === form) save(); });
  view.addEventListener("click", (event) => {
    if (!form.isConnected || !event.target.closest("[data-tick-all]")) return;
    for (const row of rows(view)) row.checked = true;
    save();
  });
  form.addEventListener("focusin", (event) => { if (event.target.matches("[data-row]")) lastRow = event.target.value; });
  followFinder(view);
}

async function saveOnce(form, show) {
  const answer = await fetch(form.dataset.choiceUrl, {
    method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Fragment": "1" },
  });
  await show(answer);
}

export const rows = (view) => [...view.querySelectorAll("tr:not([hidden]) [data-row]")];

function followFinder(view) {
  const finder = view.querySelector("[data-finder]");
  finder.addEventListener("input", () => narrow(view, finder.value));
  finder.form.addEventListener("submit", () => { finder.form.querySelector("[data-at]").value = lastRow ?? ""; }, true);
}

// All filing numbers of a day are alike in their midst.
function fits({ find, number }, wanted) {
  const whole = folded(number);
  return folded(find).includes(wanted) || whole.startsWith(wanted) || whole.endsWith(wanted);
}

const folded = (text) => text.normalize("NFKC").toUpperCase().replace(/[\s\-‐－・.]/g, "");

function narrow(view, text) {
  const wanted = folded(text);
  let found = 0;
  for (const row of view.querySelectorAll("tr[data-find]")) {
    row.hidden = !fits(row.dataset, wanted);
    if (!row.hidden) found += 1;
  }
  view.querySelector("[data-found]").textContent = wanted ? say("found", found) : "";
}

export function hearPapers(view) {
  const said = view.querySelector("#heard");
  const number = Number(said?.dataset.number ?? 0);
  if (number <= heard) return;
  heard = number;
  announce(said.textContent);
  playOnce({ error: "ng", notice: "warn" }[said.dataset.family] ?? "read", `paper-${number}`);
  const finder = view.querySelector("[data-finder]");
  if (!said.dataset.go) return finder.select();
  finder.value = "";
  narrow(view, "");
  goTo(view, said.dataset, document.activeElement === finder);
}

function goTo(view, { go, how }, isTyping) {
  const tick = document.getElementById(`row-${go}`);
  const row = tick.closest("tr");
  tick.checked = true;
  row.dataset.compared ??= how;
  view.querySelectorAll("tr[data-here]").forEach((other) => delete other.dataset.here);
  row.dataset.here = "yes";
  if (!isTyping) tick.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
