// A scanner that types. Its digits are taken before a field or a button hears them, and framed by how
// our codes begin and the Enter they end with, never by a pause. What is not whole is refused.
import { text } from "./texts.js";

const OURS = "91"; // the first digits of every code of ours
const MOST_TYPED = 20; // digits in a row in a field; the longest number a person types has 17
const TORN = 2000; // ms without a key: a slow scanner pauses for 300, this one was cut off
const AFTER = 500; // ms in which another Enter may belong to the code that just ended

let run = null; // the digits that come one after another, and the field they began in
let quietUntil = -Infinity;
let lastKey = null; // what the input event that follows a key repeats
let composing = null;
let still = null;

// `take` gets each code that came whole; `say` each sentence about one that did not.
export function listenToWedge(take, say) {
  const hear = { take, say };
  addEventListener("keydown", (event) => hearKey(event, hear), true);
  addEventListener("beforeinput", (event) => hearInput(event, hear), true);
  addEventListener("pointerdown", () => endByHand(hear), true);
  addEventListener("compositionstart", (event) => {
    composing = { field: event.target, before: event.target.value };
    if (event.target.matches("[data-fours]")) say(text("ime"));
  }, true);
  addEventListener("compositionend", (event) => hearComposed(event, hear), true);
}

function hearKey(event, hear) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.isComposing || event.key === "Process") {
    if (!fieldOf(event.target)) refuse(event, hear, text("ime"));
    return;
  }
  lastKey = event.key;
  const key = event.key.normalize("NFKC");
  if (/^[0-9]$/.test(key)) hearDigit(event, key, hear);
  else if (!run) afterTheEnd(event);
  else if (run.taken) hearInCode(event, key, hear);
  else if (!isBetween(key)) run = null; // a person types
}

// Full-width digits can arrive without their keys.
function hearInput(event, hear) {
  if (event.isComposing || event.inputType !== "insertText" || event.data === lastKey) return;
  const typed = event.data?.normalize("NFKC") ?? "";
  if (!/^[0-9\s-]+$/.test(typed)) return;
  for (const digit of typed.replace(/[^0-9]/g, "")) hearDigit(event, digit, hear);
}

function hearDigit(event, digit, hear) {
  const field = fieldOf(event.target);
  if (event.repeat) {
    if (!field || run?.taken) swallow(event); // a key that is leant on is no scanner
    return;
  }
  run ??= { digits: "", field, before: field?.value, taken: false, damaged: false };
  run.digits += digit;
  if (isSame(field, run.field)) run.field = field; // drawn anew while a person typed
  // No digit means anything outside a field; and another field under the digits was put there by the
  // program, for a person needs a key or the mouse to leave one.
  if (!field || field !== run.field || run.digits.length > MOST_TYPED) takeOver();
  if (run.taken) swallow(event);
  waitForMore(hear);
}

function takeOver() {
  if (!run.taken && run.field?.isConnected) putBack(run);
  run.taken = true;
}

function hearInCode(event, key, hear) {
  if (key === "Enter" || key === "Tab") return end(event, hear);
  if (key.length > 1 && !["Dead", "Unidentified"].includes(key)) {
    if (!isModifier(key)) endByHand(hear); // Esc or F2: a person, whose key counts
    return;
  }
  swallow(event);
  if (!isBetween(key)) run.damaged = true;
  waitForMore(hear);
}

function end(event, { take, say }) {
  const { digits, damaged } = run;
  swallow(event);
  forget();
  quietUntil = event.timeStamp + AFTER;
  if (damaged) say(text("damaged"));
  else if (!digits.startsWith(OURS)) say(text("headless"));
  else take(digits);
}

function afterTheEnd(event) {
  if (event.timeStamp > quietUntil || !["Enter", " ", "Tab"].includes(event.key)) return;
  swallow(event);
  quietUntil = event.timeStamp + AFTER;
}

function endByHand({ say }) {
  const wasCode = run?.taken;
  forget();
  if (wasCode) say(text("cutOff"));
}

function waitForMore(hear) {
  clearTimeout(still);
  still = setTimeout(() => endByHand(hear), TORN);
}

function forget() {
  clearTimeout(still);
  run = null;
}

// A code that went through the input method may have become anything: it is taken out again.
function hearComposed(event, hear) {
  const digits = event.data.normalize("NFKC").replace(/[\s-]/g, "");
  if (composing?.field === event.target && /^[0-9]+$/.test(digits) && digits.length > MOST_TYPED) {
    putBack(composing);
    refuse(event, hear, text("ime"));
  }
  composing = null;
}

function refuse(event, { say }, sentence) {
  forget();
  swallow(event);
  quietUntil = event.timeStamp + AFTER;
  say(sentence);
}

function putBack({ field, before }) {
  field.value = before;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const isBetween = (key) => isModifier(key) || key === " " || key === "-";
const isModifier = (key) => /^(Shift|CapsLock|NumLock|KanaMode|HankakuZenkaku|Zenkaku|Hankaku)$/.test(key);

function fieldOf(element) {
  return element.matches?.("input:not([type=checkbox], [type=radio]), textarea") ? element : null;
}

const isSame = (field, other) => Boolean(field?.id) && field.id === other?.id;

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
