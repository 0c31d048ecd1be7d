// After an error the list of what to put right has the focus.
document.querySelector("[data-focus]")?.focus();
