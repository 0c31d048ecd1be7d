// One tab a window: a browser gives an address six connections, and each tab of the counter holds
// two. The newest tab works; an older one covers itself and lets go of its connections.
export function onlyTab(letGo) {
  const channel = new BroadcastChannel("uketori-counter");
  channel.addEventListener("message", (event) => {
    if (event.data !== "opened") return;
    letGo();
    document.querySelectorAll("[data-preview]").forEach((image) => image.removeAttribute("src"));
    document.getElementById("other-tab").hidden = false;
    document.querySelector("[data-work-here]").focus();
  });
  document.querySelector("[data-work-here]").addEventListener("click", () => location.reload());
  channel.postMessage("opened");
}
