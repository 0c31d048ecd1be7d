// Two minutes before the session ends, says so and offers to go on.
const bar = document.querySelector("[data-idle-seconds]");
if (bar) {
  const left = Number(bar.dataset.idleSeconds) - 120;
  setTimeout(() => { bar.firstElementChild.hidden = false; }, left * 1000);
}
