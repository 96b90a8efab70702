/* How far long work is, told anew where it stands: what is marked data-live is replaced by what the server says of it
   now, so that the keyboard and the screen stay where they are. Once the page is another one (the work has ended, nobody
   is signed in any more), it is loaded. Without this the browser loads the page anew every two seconds. */
"use strict";

{
  const pause = 1000;
  const parts = (page) => [...page.querySelectorAll("[data-live]")];

  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [shown, told] = [parts(document), parts(fresh)];
      if (answer.status < 500 && (answer.redirected || told.length !== shown.length)) {
        location.reload();
        return;
      }
      if (answer.ok) {
        document.title = fresh.title;
        shown.forEach((each, at) => {
          if (each.innerHTML !== told[at].innerHTML) each.replaceChildren(...told[at].childNodes);
        });
      }
    } catch { /* no server for a moment: the next look may find one */ }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
