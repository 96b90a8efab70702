/* A form that was refused comes back with what is wrong beside it, maybe far down a phone's screen: the reader is
   taken there. Nothing else moves, and without this the page says the same. */
"use strict";

addEventListener("load", () => { // not before: the address's fragment would take the focus away again
  const [opened] = performance.getEntriesByType("navigation");
  const wrong = document.querySelector("main [aria-invalid='true'], main [role='alert'], main .err");
  if (!wrong || !opened || !(opened.responseStatus >= 400)) return;
  if (wrong.tabIndex < 0) wrong.tabIndex = -1;
  wrong.focus({ preventScroll: true });
  wrong.scrollIntoView({ block: "center" });
});
