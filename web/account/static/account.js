// What forms of accounts have beside what works without a script: the code of a mailed link,
// and passwords that can be shown.

const code = new URLSearchParams(location.hash.slice(1)).get("code");
const field = document.querySelector('input[name="code"]');
if (code && field) {
  field.value = code;
  // Out of the address bar and the history; it was never sent to a server.
  history.replaceState(null, "", location.pathname + location.search);
  (document.querySelector('.form input[type="password"]') ?? document.querySelector(".form button")).focus();
}

for (const input of document.querySelectorAll('.form input[type="password"]')) {
  const { show, hide } = input.form.dataset;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "form-show";
  button.textContent = show;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const isHidden = input.type === "password";
    input.type = isHidden ? "text" : "password";
    button.textContent = isHidden ? hide : show;
  });
  input.after(button);
  // A password manager is to save a password, not a text.
  input.form.addEventListener("submit", () => { input.type = "password"; });
}
