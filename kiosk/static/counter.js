// The counter page: follows the event stream, swaps the stage, answers keys. Without this script the
// page works by its forms; with it the page is never reloaded.
import { announce } from "./announce.js";
import { followBasket, hearPapers } from "./basket.js";
import { tellTime } from "./clock.js";
import { fallIntoFours } from "./fours.js";
import { listenToKeys } from "./keys.js";
import { playOnce, setUpSound } from "./sound.js";
import { followEvents } from "./stream.js";
import { onlyTab } from "./tabs.js";
import { listenToWedge } from "./wedge.js";

const QUICK = 200; // ms: a verdict that comes sooner needs no "checking" before it
const SAID = 8000; // ms that a sentence about a code that did not come whole stands
const view = document.getElementById("view");
const offline = document.getElementById("offline");
let turn = 0; // the newest answer wins
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
  for (const part of next.querySelectorAll("[data-live]")) refreshPart(part);
  if (next.dataset.secondsLeft) scene().dataset.secondsLeft = next.dataset.secondsLeft;
  else if (scene().dataset.secondsLeft) {
    delete scene().dataset.secondsLeft;
    scene().querySelectorAll("[data-countdown], [data-key=Space]").forEach((part) => part.remove());
  }
  arrive();
}

function refreshPart(part) {
  const shown = document.getElementById(part.id);
  if (!shown || shown.innerHTML === part.innerHTML) return;
  const focused = shown.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  for (const { name, value } of part.attributes) shown.setAttribute(name, value);
  letGoOfPictures(shown);
  shown.replaceChildren(...part.childNodes);
  if (focused) shown.querySelector(`[data-key="${focused}"]`)?.focus();
}

// An <img> that is thrown away keeps its stream open until its address is taken from it.
function letGoOfPictures(part) {
  part.querySelectorAll("[data-preview]").forEach((image) => image.removeAttribute("src"));
}

function replaceScene(next) {
  letGoOfPictures(view);
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
  followBasket(view, show, () => { offline.hidden = false; });
  hearPapers(view);
  fallIntoFours(view);
  tellTime(view);
  view.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
}

function focusArrival() {
  // A tick releases nothing; a verdict without rows is read from its heading.
  const first = view.querySelector("[data-arrival]") ?? view.querySelector("[data-row]");
  (first ?? view.querySelector("h1"))?.focus({ preventScroll: true });
}

async function refresh() {
  const mine = ++turn;
  try {
    const url = `${view.dataset.stageUrl}?scene=${scene().dataset.scene}`;
    const answer = await fetch(url, { headers: { "X-Fragment": "1" } });
    if (answer.headers.get("X-State") === "judging") {
      playOnce("read", `read-${answer.headers.get("X-Scene")}`); // that it was read, not what it is
      await new Promise((go) => setTimeout(go, QUICK));
    }
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

let sending = null; // a double click is one act; the server would see to it all the same
let line = Promise.resolve(); // another act waits for its turn, and is dropped with its screen
view.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.closest("[data-whole-page]")) return;
  event.preventDefault();
  if (sending === form) return;
  sending = form;
  const submitter = event.submitter;
  line = line.then(() => (form.isConnected ? send(form, submitter) : null)).finally(() => {
    if (sending === form) sending = null;
  });
});
view.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

const code = document.getElementById("code");
const misread = document.getElementById("misread");
let said = null;

function take(text) {
  if (overlay()) return;
  sayMisread("");
  line = line.then(() => {
    code.elements.text.value = text;
    return send(code);
  });
}

function sayMisread(sentence) {
  misread.textContent = sentence;
  clearTimeout(said);
  if (!sentence) return;
  playOnce("warn", `misread-${performance.now()}`);
  said = setTimeout(() => sayMisread(""), SAID);
}

const overlay = () => document.querySelector(".k-offline:not([hidden])");
onlyTab(followEvents(view.dataset.eventsUrl, {
  changed: refresh,
  alive: () => { offline.hidden = true; },
  lost: () => { offline.hidden = false; },
}));
listenToWedge(take, sayMisread);
listenToKeys(view, () => performance.now() - shownAt, overlay);
arrive();
focusArrival();
