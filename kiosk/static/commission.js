// Keeps the measures of the commissioning page fresh, and plays the sounds to be told apart.
import { play } from "./sound.js";

const EVERY = 700; // ms
const url = document.querySelector("[data-now-url]").dataset.nowUrl;

async function refresh() {
  try {
    const answer = await fetch(url);
    if (answer.redirected || answer.status === 403) return location.reload();
    const measured = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) for (const id of ["measures", "keymap"]) show(id, measured.getElementById(id));
  } catch {
    // The program is away for a moment; the next turn asks again.
  }
  setTimeout(refresh, EVERY);
}

function show(id, next) {
  const shown = document.getElementById(id);
  if (shown && next && next.innerHTML !== shown.innerHTML) shown.replaceChildren(...next.childNodes);
}

for (const button of document.querySelectorAll("[data-play]")) {
  button.hidden = false;
  button.addEventListener("click", () => play(button.dataset.play));
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  document.querySelector("[data-key=Escape]").click();
});
setTimeout(refresh, EVERY);
