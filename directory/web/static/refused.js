/* A form that was refused comes back with what is wrong beside it, maybe far down a phone's screen: the reader is
   taken there. Nothing else moves, and without this the page says the same. */
"use strict";

addEventListener("load", () => { // not before: the address's fragment would take the focus away again
  const [opened] = performance.getEntriesByType("navigation");
  // the field itself before a summary above it: that is read out anyway, and the field is where the keyboard is needed
  const [found] = ["[aria-invalid='true']", "[role='alert']", ".err"].flatMap((each) => document.querySelector(`main ${each}`) ?? []);
  if (!found || !opened || !(opened.responseStatus >= 400)) return;
  const wrong = found.matches("fieldset") ? found.querySelector("input:enabled, select:enabled") ?? found : found;
  if (wrong.tabIndex < 0) wrong.tabIndex = -1;
  wrong.focus({ preventScroll: true });
  wrong.scrollIntoView({ block: "center" });
});
