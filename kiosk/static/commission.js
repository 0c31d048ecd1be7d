// Keeps the measures of the commissioning page fresh, and plays the sounds to be told apart.
import { play } from "./sound.js";

const EVERY = 700; // ms
const url = document.querySelector("[data-now-url]").dataset.nowUrl;

async function refresh() {
  try {
    const answer = await fetch(url);
    if (answer.redirected || answer.status === 403) return location.reload();
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("measures");
    const shown = document.getElementById("measures");
    if (answer.ok && next && next.innerHTML !== shown.innerHTML) shown.replaceChildren(...next.childNodes);
  } catch {
    // The program is away for a moment; the next turn asks again.
  }
  setTimeout(refresh, EVERY);
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
