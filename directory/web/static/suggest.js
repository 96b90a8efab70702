// Suggestions below a search field, after the ARIA combobox pattern (APG 1.2, list autocomplete with manual selection).
// Without this file the field is a search field all the same: nothing here is needed to search.
"use strict";

const PAUSE_MS = 120; // between the last key and the question
const KINDS = { title: "目录", provider: "部门" };

for (const [number, field] of document.querySelectorAll("input[data-suggest]").entries()) {
  attach(field, `suggest-${number}`);
}

function attach(field, id) {
  const list = document.createElement("ul");
  list.id = id;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "检索建议");
  list.hidden = true;
  field.after(list);
  field.parentElement.classList.add("suggesting");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", id);

  let waiting = 0;
  let asked = 0; // an answer to an earlier question is not shown
  let current = -1;

  const options = () => [...list.children];

  function close() {
    list.hidden = true;
    current = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    const all = options();
    if (!all.length) return;
    current = (to + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === current)));
    all[current].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[current].id);
  }

  function choose(option) {
    field.value = option.dataset.text;
    close();
    field.form.requestSubmit();
  }

  function show(found) {
    list.replaceChildren(
      ...found.map((each, at) => {
        const option = document.createElement("li");
        option.id = `${id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.text = each.text;
        const kind = document.createElement("small");
        kind.textContent = KINDS[each.kind];
        option.append(each.text, kind);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault(); // the field keeps the focus
          choose(option);
        });
        return option;
      }),
    );
    current = -1;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(found.length > 0));
    field.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const typed = field.value.trim();
    const question = ++asked;
    if (!typed) return close();
    try {
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`, {
        headers: { accept: "application/json" },
      });
      if (answer.ok && question === asked && document.activeElement === field) show(await answer.json());
    } catch {
      close(); // whoever is offline searches without suggestions
    }
  }

  field.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("compositionend", () => {
    waiting = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else move(event.key === "ArrowDown" ? current + 1 : current < 0 ? -1 : current - 1);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      choose(options()[current]);
    }
  });
}
