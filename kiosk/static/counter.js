// The counter page: follows the event stream, swaps the stage, answers keys. Without this script the
// page works by its forms; with it the page is never reloaded.
import { announce } from "./announce.js";
import { followBasket } from "./basket.js";
import { listenToKeys } from "./keys.js";
import { playOnce, setUpSound } from "./sound.js";
import { tellTime } from "./clock.js";

const SILENCE = 25000; // ms without a sign of life; the server beats every 10 s
const view = document.getElementById("view");
const offline = document.getElementById("offline");
let turn = 0; // the newest answer wins
let lastSign = Date.now();
let shownAt = performance.now();

const scene = () => document.getElementById("scene");

async function show(answer) {
  if (answer.status === 401) return location.reload();
  const type = answer.headers.get("content-type") ?? "";
  const text = await answer.text();
  const next = new DOMParser().parseFromString(text, "text/html").getElementById("scene");
  if (!next || !type.startsWith("text/html")) return location.reload();
  if (next.dataset.scene === scene().dataset.scene) refreshLiveParts(next);
  else replaceScene(next);
}

function refreshLiveParts(next) {
  for (const part of next.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(part.id);
    if (shown && shown.innerHTML !== part.innerHTML) shown.replaceChildren(...part.childNodes);
  }
  if (next.dataset.secondsLeft) scene().dataset.secondsLeft = next.dataset.secondsLeft;
  else if (scene().dataset.secondsLeft) {
    delete scene().dataset.secondsLeft;
    scene().querySelectorAll("[data-countdown], [data-key=Space]").forEach((part) => part.remove());
  }
  arrive();
}

function replaceScene(next) {
  // An <img> that is thrown away keeps its stream open until its address is taken from it.
  view.querySelectorAll("[data-preview]").forEach((image) => image.removeAttribute("src"));
  view.replaceChildren(document.adoptNode(next));
  shownAt = performance.now();
  window.scrollTo(0, 0);
  arrive();
  focusArrival();
  document.title = scene().dataset.title;
  announce(scene().dataset.announce);
}

function arrive() {
  setUpSound(view);
  playOnce(scene().dataset.sound, scene().dataset.soundId);
  followBasket(view, send);
  tellTime(view);
}

function focusArrival() {
  // A tick releases nothing; a verdict without rows is read from its heading.
  const first = view.querySelector(".k-banner[role=alert] ~ form [data-row], [data-row]");
  (first ?? view.querySelector("h1"))?.focus({ preventScroll: true });
}

async function refresh() {
  const mine = ++turn;
  try {
    const answer = await fetch(view.dataset.stageUrl, { headers: { "X-Fragment": "1" } });
    if (mine === turn) await show(answer);
  } catch {
    offline.hidden = false; // the event stream says when the program is back
  }
}

async function send(form, submitter) {
  const mine = ++turn;
  const body = new URLSearchParams(new FormData(form, submitter ?? undefined));
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { "X-Fragment": "1" },
    });
    if (answer.status >= 400 && ![401, 409].includes(answer.status)) return form.submit();
    if (mine === turn || answer.status === 409) await show(answer);
  } catch {
    offline.hidden = false;
  }
}

let sending = false; // a double click is one act; the server would see to it all the same
view.addEventListener("submit", async (event) => {
  if (event.target.closest("[data-whole-page]")) return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  await send(event.target, event.submitter);
  sending = false;
});

const stream = new EventSource(view.dataset.eventsUrl);
const alive = () => { lastSign = Date.now(); offline.hidden = true; };
stream.addEventListener("beat", alive);
stream.addEventListener("changed", () => { alive(); refresh(); });
setInterval(() => { if (Date.now() - lastSign > SILENCE) offline.hidden = false; }, 1000);

listenToKeys(view, () => performance.now() - shownAt);
arrive();
focusArrival();
