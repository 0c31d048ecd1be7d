// The morning check: what was found comes into the table, and the sign-in when all is there. The page
// itself stays, and with it the focus.
const EVERY = 2000; // ms

async function look() {
  try {
    const answer = await fetch(location.href);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = next.getElementById("checks");
    if (!found) return location.reload();
    const shown = document.getElementById("checks");
    if (shown.innerHTML !== found.innerHTML) shown.replaceChildren(...found.childNodes);
  } catch {
    // The program is away for a moment; the next turn asks again.
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
