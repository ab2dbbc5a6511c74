// Names for items: a field that takes course:42 offers the items that are called like what
// is typed. Without this module the numbers can be typed.

const WAIT = 150; // milliseconds without typing before the server is asked
const KINDS = ["course", "org", "teacher"];

for (const [i, field] of document.querySelectorAll("input[data-items]").entries()) {
  const list = Object.assign(document.createElement("datalist"), { id: `items-${i}` });
  field.after(list);
  field.setAttribute("list", list.id);
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const text = field.value.trim();
    if (text && !/^\w+:\d/.test(text)) timer = setTimeout(offer, WAIT, field, list, text);
  });
}

async function offer(field, list, text) {
  try {
    const answer = await fetch(`${field.dataset.items}?q=${encodeURIComponent(text)}&limit=8`);
    if (!answer.ok || field.value.trim() !== text) return;
    const { suggestions } = await answer.json();
    list.replaceChildren(...suggestions.filter((s) => KINDS.includes(s.type)).map((s) =>
      Object.assign(document.createElement("option"), { value: `${s.type}:${s.id} ${s.text}` })));
  } catch {
    // Offers are a convenience.
  }
}
