// The counter's event stream: tells when something changed, and when nothing comes any more.
const SILENCE = 25000; // ms without a sign of life; the server beats every 10 s
const TORN = 2000; // ms after which a stream that broke off counts as lost

// Gives what ends it.
export function followEvents(url, { changed, alive, lost }) {
  let lastSign = Date.now();
  let torn = null;

  function sign() {
    lastSign = Date.now();
    clearTimeout(torn);
    torn = null;
    alive();
  }

  const stream = new EventSource(url);
  stream.addEventListener("beat", sign);
  stream.addEventListener("changed", () => { sign(); changed(); });
  stream.addEventListener("error", () => { torn ??= setTimeout(lost, TORN); });
  const watch = setInterval(() => { if (Date.now() - lastSign > SILENCE) lost(); }, 1000);
  return () => { stream.close(); clearTimeout(torn); clearInterval(watch); };
}
