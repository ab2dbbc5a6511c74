// The filter sheet of narrow screens. It opens by its address (#filters), with or without
// this module, which adds what an address cannot: choosing several filters without the
// sheet closing, Escape, and the focus.

const sheet = document.getElementById("filters");
if (sheet) {
  const opened = () => location.hash === "#filters";

  sheet.addEventListener("click", (event) => {
    const link = event.target.closest("a.value");
    if (link && opened()) link.hash = "filters";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened()) location.hash = "results";
  });

  const focus = () => {
    if (opened()) sheet.querySelector("a")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", focus);
  focus();
}
