// A second press within ten seconds is swallowed. The server would issue one code all the same.
for (const form of document.querySelectorAll("[data-send-once]")) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    const now = performance.now();
    if (sentAt && now - sentAt < 10000) event.preventDefault();
    else sentAt = now;
  });
  window.addEventListener("pageshow", () => { sentAt = 0; });
}
