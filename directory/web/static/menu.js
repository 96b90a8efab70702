/* The head's menu opens and closes without this. With it, an open group closes on Escape, on a click elsewhere and
   when the keyboard goes on, and only one is open in browsers that do not know <details name>. */
"use strict";

{
  const groups = [...document.querySelectorAll(".mainnav details")];
  const close = (except) => groups.forEach((each) => { if (each !== except) each.open = false; });

  for (const group of groups) {
    group.addEventListener("toggle", () => { if (group.open) close(group); });
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !group.open) return;
      group.open = false;
      group.querySelector("summary").focus();
    });
    group.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !group.contains(event.relatedTarget)) group.open = false;
    });
  }
  document.addEventListener("click", (event) => { if (!event.target.closest(".mainnav")) close(); });
}
