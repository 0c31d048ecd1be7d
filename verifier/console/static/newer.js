// Says how many entries came since the page was made; rows never move under the reader.
const line = document.querySelector("[data-newer]");
if (line && !line.hasAttribute("data-off")) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(line.dataset.newer, { redirect: "error" });
      if (!answer.ok) return;
      const { count } = await answer.json();
      line.querySelector("[data-count]").textContent = count;
      line.hidden = count === 0;
    } catch {
      line.hidden = true;
    }
  }, 5000);
}
