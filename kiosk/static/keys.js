// Keys of the counter. Every key stands on a button or link as data-key; pressing it clicks that.
const DEAF = 500; // ms after a new screen: the hand was still on its way to the old one
const BURST = 60; // ms between the characters of a scanner that types

export function listenToKeys(view, shownFor) {
  let lastCharacter = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const name = event.key === " " ? "Space" : event.key;
    const typed = event.timeStamp - lastCharacter < BURST;
    if (event.key.length === 1 && name !== "Space") lastCharacter = event.timeStamp;
    if (typed && ["Enter", "Space"].includes(name)) return swallow(event);
    if (event.target.closest("select, textarea") && !name.startsWith("F") && name !== "Escape") return;
    const target = view.querySelector(`[data-key="${name}"]:not([hidden])`);
    const ours = target || /^(Enter|Space|Escape|Arrow(Up|Down)|F\d+)$/.test(name);
    if (ours && !isEditing(event.target, name) && (shownFor() < DEAF || event.repeat)) {
      return name === "F5" || name.startsWith("Arrow") ? undefined : swallow(event);
    }
    if (moveBetweenRows(view, event, name)) return;
    if (target && !handlesItself(event.target, name)) {
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
  return element.matches("input:not([type=checkbox], [type=radio])") && name !== "Enter" && !name.startsWith("F");
}

// Space ticks, Enter on a button or link presses that one.
function handlesItself(element, name) {
  if (name === "Space") return element.matches("input, button, a[href], summary");
  if (name === "Enter") return element.matches("button, a[href], summary");
  return false;
}

function moveBetweenRows(view, event, name) {
  if (!event.target.matches("[data-row]")) return false;
  const rows = [...view.querySelectorAll("[data-row]")];
  const next = rows[rows.indexOf(event.target) + (name === "ArrowUp" ? -1 : 1)];
  if (name === "Space") {
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
