// Pages beside the stage: Esc goes back, a search key falls into fours, the receipt prints, and a
// sheet that is read meanwhile brings the stage back.
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (target) { event.preventDefault(); target.click(); }
});

const key = document.querySelector("[data-fours]");
key?.addEventListener("input", (event) => {
  if (event.isComposing || key.selectionStart !== key.value.length) return;
  if (event.inputType?.startsWith("delete")) return;
  const bare = key.value.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "");
  key.value = bare.match(/.{1,4}/g)?.join(" ") ?? "";
});

const watched = document.querySelector("[data-events-url]");
if (watched) {
  const stream = new EventSource(watched.dataset.eventsUrl);
  stream.addEventListener("changed", async () => {
    const state = await (await fetch(watched.dataset.stateUrl)).json();
    const waiting = ["idle", "signed_out"].includes(state.state);
    if (String(state.scene) !== watched.dataset.scene && !waiting) location = watched.dataset.home;
  });
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
