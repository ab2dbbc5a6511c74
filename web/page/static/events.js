// Tells the server what was looked at: a view of a detail page, and which result of a
// search was followed. It is sent after the fact and nobody waits for it.

const EVENTS = "/api/v1/events";

function send(event) {
  const body = new Blob([JSON.stringify(event)], { type: "application/json" });
  if (!navigator.sendBeacon?.(EVENTS, body)) {
    fetch(EVENTS, { method: "POST", body, keepalive: true }).catch(() => {});
  }
}

const { viewKind: kind, viewId: id } = document.body.dataset;
if (kind) {
  const view = () => send({ type: "view", kind, id: Number(id) });
  // A page that the browser loads in advance has not been seen yet.
  if (document.prerendering) document.addEventListener("prerenderingchange", view, { once: true });
  else view();
}

const results = document.querySelector("[data-search-id]");
results?.addEventListener("click", (event) => {
  const link = event.target.closest("ol[data-first] a");
  const item = link?.getAttribute("href").match(/^\/(course|org|teacher)s\/(\d+)/);
  const search = results.dataset.searchId;
  if (!item || !search) return;
  const row = link.closest("li");
  // A link to the course's org or teacher is not a click on the result.
  if (row.querySelector("h3 a").getAttribute("href") !== link.getAttribute("href")) return;
  const first = Number(row.parentElement.dataset.first);
  const position = first + [...row.parentElement.children].indexOf(row);
  send({ type: "click", kind: item[1], id: Number(item[2]), search_id: search, position });
});
