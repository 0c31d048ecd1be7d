// Keys of the counter. Every key stands on a button or link as data-key; pressing it clicks that.
import { rows } from "./basket.js";

const DEAF = 500; // ms after a new screen: the hand was still on its way to the old one
const BURST = 60; // ms between the characters of a scanner that types

export function listenToKeys(view, shownFor, overlay) {
  let lastCharacter = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const name = event.key === " " ? "Space" : event.key;
    if (overlay()) return overlay().contains(event.target) ? undefined : swallow(event);
    const typed = event.timeStamp - lastCharacter < BURST;
    if (event.key.length === 1 && name !== "Space") lastCharacter = event.timeStamp;
    if (typed && ["Enter", "Space"].includes(name)) return swallow(event);
    if (event.target.closest("select, textarea") && !name.startsWith("F") && name !== "Escape") return;
    const target = view.querySelector(`[data-key="${name}"]:not([hidden])`);
    const ours = target || /^(Enter|Space|Escape|Arrow(Up|Down)|F\d+)$/.test(name);
    if (ours && !isEditing(event.target, name) && (shownFor() < DEAF || event.repeat)) {
      return name === "F5" || name.startsWith("Arrow") ? undefined : swallow(event);
    }
    if (moveBetweenRows(view, event, name) || goToField(view, event, name)) return;
    if (target && !isEditing(event.target, name) && !handlesItself(event.target, name)) {
      swallow(event);
      target.click();
    }
  }, true);
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function isEditing(element, name) {
  const field = element.matches("input:not([type=checkbox], [type=radio])");
  return field && !["Enter", "Escape"].includes(name) && !name.startsWith("F");
}

// Space ticks, Enter on a button or link presses that one, and in a field with a form of its own
// sends that form, once something stands in it.
function handlesItself(element, name) {
  if (name === "Space") return element.matches("input, button, a[href], summary");
  if (name !== "Enter") return false;
  const field = element.matches("input:not([type=checkbox], [type=radio])");
  if (field && element.value && element.closest("[data-own-enter]")) return true;
  return element.matches("button, a[href], summary");
}

function moveBetweenRows(view, event, name) {
  const finder = event.target.matches("[data-finder]");
  if (!finder && !event.target.matches("[data-row]")) return false;
  const shown = rows(view);
  if (finder) {
    if (name !== "ArrowDown") return false;
    swallow(event);
    shown[0]?.focus();
    return true;
  }
  const next = shown[shown.indexOf(event.target) + (name === "ArrowUp" ? -1 : 1)];
  if (name === "Space" && event.target.matches("input")) {
    swallow(event);
    event.target.click();
    if (event.target.checked) next?.focus();
    return true;
  }
  if (name !== "ArrowUp" && name !== "ArrowDown") return false;
  swallow(event);
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
  return true;
}

function goToField(view, event, name) {
  const field = view.querySelector(`[data-focus-key="${name}"]`);
  if (!field) return false;
  swallow(event);
  field.focus();
  field.select();
  return true;
}
