/* Long work is done before its page comes: the button that began it says so, and nothing of its form is sent twice
   meanwhile. Without this the browser's own sign turns all the same, and the second sending is refused by the server. */
"use strict";

addEventListener("submit", (event) => {
  const form = event.target;
  const began = form.querySelector("[aria-busy='true']");
  if (began) {
    event.preventDefault();
    return;
  }
  const pressed = event.submitter;
  if (!pressed?.dataset.busy) return;
  pressed.dataset.idle = pressed.textContent;
  pressed.textContent = pressed.dataset.busy; // never disabled: a disabled button's own name would not be sent
  pressed.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => { // back from the next page: the form can be sent again
  for (const each of document.querySelectorAll("[data-idle]")) {
    each.textContent = each.dataset.idle;
    each.removeAttribute("aria-busy");
  }
});
