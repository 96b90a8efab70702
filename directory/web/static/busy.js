/* Long work is done before its page comes: the button that began it says so. And nothing is sent twice by pressing
   twice: what was sent is on its way until the next page comes, or until that has taken so long that something is wrong
   with the way. Without this the browser's own sign turns all the same, and the second sending of what can be done once
   is refused by the server. */
"use strict";

{
  const patience = 10_000; // then pressing again sends again; an answer to be saved leaves this page as it was
  const onTheirWay = new Map(); // forms sent, each with its timer

  const arrived = (form) => {
    clearTimeout(onTheirWay.get(form));
    onTheirWay.delete(form);
  };

  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (onTheirWay.has(form) || form.querySelector("[aria-busy='true']")) {
      event.preventDefault();
      return;
    }
    onTheirWay.set(form, setTimeout(arrived, patience, form));
    const pressed = event.submitter;
    if (!pressed?.dataset.busy) return;
    pressed.dataset.idle = pressed.textContent;
    pressed.textContent = pressed.dataset.busy; // never disabled: a disabled button's own name would not be sent
    pressed.setAttribute("aria-busy", "true");
  });

  addEventListener("pageshow", () => { // back from the next page: the form can be sent again
    [...onTheirWay.keys()].forEach(arrived);
    for (const each of document.querySelectorAll("[data-idle]")) {
      each.textContent = each.dataset.idle;
      each.removeAttribute("aria-busy");
    }
  });
}
