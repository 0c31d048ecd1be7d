// The clock in the strip, and the seconds until a screen leaves by itself.
import { text } from "./texts.js";

const now = new Intl.DateTimeFormat("ja-JP", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" });
let deadline = null;

export function tellTime(view) {
  const left = document.getElementById("scene").dataset.secondsLeft;
  deadline = left ? performance.now() + Number(left) * 1000 : null;
  tick(view);
}

function tick() {
  const clock = document.querySelector("[data-clock]");
  if (clock) clock.textContent = now.format(new Date());
  const countdown = document.querySelector("[data-countdown]");
  if (!countdown || deadline === null) return;
  const seconds = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
  countdown.textContent = text("left", seconds);
}

setInterval(tick, 500);
