// Suggestions under the search box: an ARIA combobox. Without this module the box is a
// plain form that works as well.
//
// Input methods: while text is composed, Enter, Escape and the arrows belong to the
// input method, so keys are left alone. Input is not: Android's keyboards compose plain
// Latin words too, and pinyin that is not yet turned into Hanzi can already be searched.

const WAIT = 120; // milliseconds without typing before the server is asked
const KEPT = 60; // answers kept for going back and forth

const form = document.querySelector("form[data-suggest]");
if (form) combobox(form, form.querySelector("input[type=search]"));

function combobox(form, input) {
  const texts = form.dataset;
  const list = element("ul", { id: "suggestions", role: "listbox", className: "options", hidden: true });
  list.setAttribute("aria-label", texts.listLabel);
  const status = element("p", { className: "unseen", role: "status" });
  form.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);

  const answers = new Map();
  let options = []; // what is shown: {element, url}
  let active = -1; // index in options
  let timer = 0;
  let request = null; // AbortController of the question under way
  let last = asked(); // what the list is for, so that focus alone does not ask

  input.addEventListener("input", later);
  input.addEventListener("compositionend", later);
  input.addEventListener("keydown", onKey);
  input.addEventListener("blur", close);
  // Keeps the focus in the box while an option is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const at = options.findIndex((o) => o.element.contains(event.target));
    if (at >= 0) follow(at);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

  // What is asked for: the text without the apostrophes that input methods put between
  // syllables while they compose.
  function asked(composing = false) {
    const text = composing ? input.value.replace(/(\p{Script=Latin})['’](?=\p{Script=Latin})/gu, "$1") : input.value;
    return text.trim();
  }

  function later(event) {
    const text = asked(event.isComposing === true);
    if (text === last) return;
    last = text;
    clearTimeout(timer);
    request?.abort();
    request = null;
    if (text === "") {
      status.textContent = "";
      close();
    } else if (answers.has(text)) {
      show(answers.get(text));
    } else {
      timer = setTimeout(ask, WAIT, text);
    }
  }

  async function ask(text) {
    const mine = new AbortController();
    request = mine;
    try {
      const answer = await fetch(`${texts.suggest}?q=${encodeURIComponent(text)}&limit=8`, {
        signal: mine.signal, headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { suggestions } = await answer.json();
      if (answers.size >= KEPT) answers.delete(answers.keys().next().value);
      answers.set(text, suggestions);
      // Only the newest question may change what is seen.
      if (request === mine && text === last) show(suggestions);
    } catch {
      // Suggestions are a convenience: without them the box still searches.
      if (request === mine) close();
    }
  }

  function show(suggestions) {
    if (document.activeElement !== input) return;
    options = suggestions.map((s, i) => option(s, i));
    list.replaceChildren(...options.map((o) => o.element));
    status.textContent = options.length ? texts.count.replace("{n}", options.length) : texts.none;
    activate(-1);
    open(options.length > 0);
  }

  function option(suggestion, i) {
    const item = element("li", { id: `suggestion-${i}`, role: "option", className: "option" });
    item.dataset.kind = suggestion.type;
    const name = element("span", { className: "option-name" });
    name.append(...marked(suggestion.highlight || "", suggestion.text));
    const kind = element("span", { className: "option-kind", textContent: texts[`kind${capital(suggestion.type)}`] || "" });
    item.append(name, kind);
    item.setAttribute("aria-selected", "false");
    return { element: item, url: suggestion.url };
  }

  function onKey(event) {
    // 229 is what Safari says of the Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) {
      // The browser itself empties a search box at Escape, even at one that was meant
      // for the input method.
      if (event.key === "Escape") event.preventDefault();
      return;
    }
    const opened = !list.hidden;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        if (options.length === 0) return;
        event.preventDefault();
        if (!opened) {
          open(true);
          if (event.altKey) return;
        }
        // One more place than options: none, which is the text as typed.
        const places = options.length + 1;
        const step = event.key === "ArrowDown" ? 1 : -1;
        activate(((active + 1 + step + places) % places) - 1);
        return;
      }
      case "Enter":
        if (opened && active >= 0) {
          event.preventDefault();
          follow(active);
        } else {
          close();
        }
        return;
      case "Escape":
        if (opened) {
          event.preventDefault(); // a second one empties the box
          close();
        }
        return;
      case "Tab":
        close();
    }
  }

  function activate(next) {
    options[active]?.element.setAttribute("aria-selected", "false");
    active = next;
    const chosen = options[active]?.element;
    if (!chosen) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    chosen.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  // Follows a suggestion in the language that the address asks for.
  function follow(at) {
    const target = new URL(options[at].url, location.href);
    const lang = form.elements.lang?.value;
    if (lang && target.origin === location.origin) target.searchParams.set("lang", lang);
    close();
    location.assign(target);
  }

  function open(yes) {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) activate(-1);
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    request = null;
    open(false);
  }
}

// Nodes for a highlight: text and <em>, whatever else it may hold.
function marked(highlight, plain) {
  if (!highlight) return [plain];
  const parsed = new DOMParser().parseFromString(highlight, "text/html");
  return [...parsed.body.childNodes].map((node) =>
    node.nodeName === "EM" ? element("em", { textContent: node.textContent }) : node.textContent);
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
