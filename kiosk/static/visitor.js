// The page turned to the visitor follows the counter; when it cannot, it asks to wait: what it said
// last was said to somebody else.
import { followEvents } from "./stream.js";

const view = document.getElementById("visitor");
const away = document.getElementById("away");
let turn = 0; // the newest answer wins

async function refresh() {
  const mine = ++turn;
  try {
    const answer = await fetch(view.dataset.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("visitor");
    if (mine === turn) next ? show(next) : lost();
  } catch {
    lost(); // the event stream says when the program is back
  }
}

function show(next) {
  view.dataset.mood = next.dataset.mood;
  if (next.innerHTML !== view.innerHTML) view.replaceChildren(...next.childNodes);
  view.hidden = false;
  away.hidden = true;
}

function lost() {
  view.hidden = true;
  away.hidden = false;
}

followEvents(view.dataset.eventsUrl, { changed: refresh, alive: () => {}, lost });
