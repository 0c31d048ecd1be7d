// The counter's event stream: tells when something changed, and when nothing comes any more.
const SILENCE = 25000; // ms without a sign of life; the server beats every 10 s
const TORN = 2000; // ms after which a stream that broke off counts as lost
const AGAIN = 5000; // ms; a browser gives up for good when every place was taken (503)

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

  let stream = null;
  let again = null;

  function open() {
    stream = new EventSource(url);
    stream.addEventListener("beat", sign);
    stream.addEventListener("changed", () => { sign(); changed(); });
    stream.addEventListener("error", broke);
  }

  function broke() {
    torn ??= setTimeout(lost, TORN);
    if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN);
  }

  open();
  const watch = setInterval(() => { if (Date.now() - lastSign > SILENCE) lost(); }, 1000);
  return () => {
    stream.close();
    clearTimeout(torn);
    clearTimeout(again);
    clearInterval(watch);
  };
}
