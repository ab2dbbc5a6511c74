// The filter sheet of narrow screens. It opens by its address (#filters), with or without
// this module, which adds what an address cannot: choosing several filters without the
// sheet closing, Escape, and the focus; and opening a list of choices without a new page.

const sheet = document.getElementById("filters");
if (sheet) {
  const opened = () => location.hash === "#filters";

  sheet.addEventListener("click", (event) => {
    const link = event.target.closest("a.value");
    if (link && opened()) link.hash = "filters";
    const opener = event.target.closest("a.facet-open");
    if (opener && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      open(opener);
    }
  });

  const open = async (opener) => {
    if (opener.ariaBusy) return;
    opener.ariaBusy = "true";
    try {
      const answer = await fetch(`/facets${opener.search}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const section = opener.closest(".facet");
      const title = section.querySelector("h3").id;
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      if (holder.content.firstElementChild) section.replaceWith(holder.content);
      else section.remove();
      document.getElementById(title)?.parentElement.querySelector("a")?.focus();
    } catch {
      location.href = opener.href; // the page itself says what is wrong
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened()) location.hash = "results";
  });

  sheet.dataset.ready = "";

  const focus = () => {
    if (opened()) sheet.querySelector("a")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", focus);
  focus();
}
