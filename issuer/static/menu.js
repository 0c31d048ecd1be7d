// Escape closes an open menu and gives the focus back to its word.
for (const group of document.querySelectorAll(".oss-menu__group")) {
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !group.open) return;
    group.open = false;
    group.querySelector("summary").focus();
  });
}
