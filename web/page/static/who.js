// Says in the header who is logged in. Only pages for browsers with a session load it: what
// the server sends names nobody, so nothing that keeps a page can show it to somebody else.

const who = document.getElementById("who");
const answer = await fetch("/me/name", { headers: { Accept: "application/json" } }).catch(() => null);
if (answer?.status === 204) who.textContent = who.dataset.login; // the session has ended; /me leads to the log-in
else if (answer?.ok) who.textContent = (await answer.json()).name || who.textContent;
