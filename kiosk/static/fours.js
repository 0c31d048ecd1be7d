// A search key falls into fours while it is typed.
export function fallIntoFours(view) {
  const key = view.querySelector("[data-fours]:not([data-followed])");
  if (!key) return;
  key.dataset.followed = "yes";
  key.addEventListener("input", (event) => {
    if (event.isComposing || key.selectionStart !== key.value.length) return;
    if (event.inputType?.startsWith("delete")) return;
    const bare = key.value.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "");
    key.value = bare.match(/.{1,4}/g)?.join(" ") ?? "";
  });
}
