// Rankings, related courses and a form to be called back, for the pages of other sites:
//   <script src="https://…/widgets.js" async></script>
//   <xunke-ranking kind="courses" window="week" limit="5"></xunke-ranking>
//   <xunke-related course="42"></xunke-related>
//   <xunke-consultation course="42"></xunke-consultation>
// Nothing here needs inline style, markup from text or cookies, so it runs under a
// Content-Security-Policy that names our origin in script-src and connect-src.
(() => {
  "use strict";
  if (customElements.get("xunke-ranking")) return; // two scripts on one page

  const script = document.currentScript?.src || document.querySelector('script[src$="/widgets.js"]')?.src;
  const KEPT = 30_000; // milliseconds for which an answer serves every element that asks the same
  const PATIENCE = 15_000; // milliseconds

  const TEXTS = {
    zh: {
      tag: "zh-CN", courses: "热门课程", orgs: "机构排行", teachers: "教师排行", related: "相关课程",
      day: "今日", week: "本周", month: "本月", all: "总榜", rising: "飙升", learners: "人学习",
      beginner: "初级", intermediate: "中级", advanced: "高级",
      consultation: "课程咨询", name: "称呼", mobile: "手机号", course: "想咨询的课程", send: "请回电给我",
      thanks: "已收到，我们会尽快回电。", wait: "请稍后再试。", failed: "没有成功，请再试一次。", wrong: "请检查：",
      privacy: "手机号只用于回电，不交给他人。",
    },
    en: {
      tag: "en", courses: "Hot courses", orgs: "Top schools", teachers: "Top teachers", related: "Related courses",
      day: "Day", week: "Week", month: "Month", all: "All time", rising: "Rising", learners: "learners", learner: "learner",
      beginner: "Beginner", intermediate: "Intermediate", advanced: "Advanced",
      consultation: "Ask about a course", name: "Name", mobile: "Mobile number", course: "Which course?", send: "Call me back",
      thanks: "Thank you. We will call you back soon.", wait: "Please try again later.", failed: "That did not work. Please try again.", wrong: "Please check: ",
      privacy: "Your number is only for this call.",
    },
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync("{{css}}");

  const answers = new Map(); // URL → promise of items

  function ask(url) {
    if (!answers.has(url)) {
      const answer = get(url);
      answers.set(url, answer);
      answer.then(() => setTimeout(() => answers.delete(url), KEPT), () => answers.delete(url));
    }
    return answers.get(url);
  }

  // What every request keeps to.
  const common = () => ({ credentials: "omit", signal: AbortSignal.timeout?.(PATIENCE) });

  async function get(url) {
    const response = await fetch(url, common());
    const body = await response.json();
    if (response.ok) return body.items ?? body.hits;
    const fields = (body.errors ?? []).map((e) => `${e.field}: ${e.message}`).join("; ");
    throw new Error(`${response.status} ${fields || body.detail || body.title}`);
  }

  // The server shortens numbers in the same way (web/locale.go).
  function count(n, chinese) {
    const [unit, name] = n < 1e8 ? [1e4, "万"] : [1e8, "亿"];
    if (!chinese || n < 1e4) return n.toLocaleString("en-US") + " ";
    return (n >= 1000 * unit ? Math.floor(n / unit).toLocaleString("en-US") : Math.floor(n * 10 / unit) / 10) + name;
  }

  // A part is what pages style by ::part(); its class begins with xunke.
  function element(name, part, ...children) {
    const e = document.createElement(name);
    if (part) e.className = "xunke" + (part === "card" ? "" : "-" + part);
    if (part) e.part = part;
    e.append(...children);
    return e;
  }

  // What a screen reader says as soon as it is there.
  function status(...text) {
    return Object.assign(element("p", "said", ...text), { role: "status" });
  }

  class Card extends HTMLElement {
    #planned = false;

    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }

    connectedCallback() { this.#plan(); }
    attributeChangedCallback(name, before, now) { if (before !== now) this.#plan(); }
    refresh() { this.#plan(); }

    // Several attributes that change together are one change.
    #plan() {
      if (this.#planned) return;
      this.#planned = true;
      queueMicrotask(() => {
        this.#planned = false;
        if (this.isConnected) this.show();
      });
    }

    get base() {
      const api = this.getAttribute("api") || (script && new URL(".", script).href);
      if (!api) throw new Error("api: is missing, and the script does not know its own address");
      return new URL(api.replace(/\/*$/, "/"), document.baseURI);
    }

    get texts() {
      const tag = this.closest("[lang]")?.lang || document.documentElement.lang || "zh";
      return /^zh\b/i.test(tag) ? TEXTS.zh : TEXTS.en;
    }

    tell(what, detail) {
      this.dispatchEvent(new CustomEvent("xunke-" + what, { detail, bubbles: true, composed: true }));
    }

    draw(state, content) {
      this.dataset.state = state;
      if (!content) return this.shadowRoot.replaceChildren();
      const heading = this.getAttribute("heading") ?? this.called();
      const title = element("div", "title", heading);
      title.role = "heading";
      title.ariaLevel = this.getAttribute("heading-level") || "3";
      const card = element("section", "card", ...(heading ? [title] : []), content);
      card.classList.add("xunke-" + this.name);
      card.lang = this.texts.tag;
      card.ariaLabel = heading || this.called();
      card.ariaBusy = String(state === "loading");
      card.dataset.theme = this.getAttribute("theme") ?? "";
      this.shadowRoot.replaceChildren(card);
    }
  }

  class List extends Card {
    #turn = 0;

    async show() {
      const turn = ++this.#turn;
      if (this.dataset.state !== "ready") this.#list("loading", this.#bones());
      try {
        const base = this.base;
        const items = await ask(new URL(this.path(), base).href);
        if (turn !== this.#turn) return;
        this.#list(items.length ? "ready" : "empty", items.map((item) => this.line(item, base)));
        this.tell(items.length ? "ready" : "empty", { count: items.length });
      } catch (error) {
        if (turn !== this.#turn) return;
        this.#list("error", []);
        this.tell("error", { message: error.message });
      }
    }

    #list(state, lines) {
      if (!lines.length) return this.draw(state);
      const list = element(this.list, "list", ...lines);
      list.role = "list"; // which a list without markers is not everywhere
      this.draw(state, list);
    }

    #bones() {
      const n = Math.min(Math.max(parseInt(this.getAttribute("limit") || this.usual, 10) || 1, 1), 20);
      return Array.from({ length: n }, (_, i) => {
        const name = element("span", "bone", "　".repeat(8 + i * 5 % 6));
        const line = element("li", "item", element("div", "text", name, element("span", "by", element("span", "bone", "　".repeat(6)))));
        line.ariaHidden = "true";
        return line;
      });
    }

    text(name, by, base) {
      const link = element("a", "link", name);
      link.href = new URL(by.url, base);
      link.target = this.getAttribute("target") ?? "";
      const t = this.texts;
      const facts = [by.org?.name, t[by.level], by.students && count(by.students, t === TEXTS.zh) + (by.students === 1 && t.learner || t.learners)];
      const parts = facts.filter(Boolean).map((fact) => element("span", "", fact));
      return element("div", "text", link, ...(parts.length ? [element("span", "by", ...parts)] : []));
    }
  }

  const KINDS = ["courses", "orgs", "teachers"];
  const FILTERS = ["window", "limit", "category", "level", "city", "org-id"];
  const SHARED = ["api", "lang", "theme", "heading", "heading-level"];

  customElements.define("xunke-ranking", class extends List {
    static observedAttributes = ["kind", "target", ...FILTERS, ...SHARED];
    name = "ranking";
    list = "ol";
    usual = 10;

    get kind() { return (this.getAttribute("kind") || "courses").replace(/s?$/, "s"); }

    path() {
      if (!KINDS.includes(this.kind)) throw new Error(`kind: is not one of ${KINDS.join(", ")}`);
      const asked = new URLSearchParams();
      for (const f of FILTERS) if (this.getAttribute(f)) asked.set(f.replace("-", "_"), this.getAttribute(f));
      return `api/v1/rankings/${this.kind}?${asked}`;
    }

    called() {
      const t = this.texts;
      return [t[this.kind], t[this.getAttribute("window") || "week"]].filter(Boolean).join(" · ");
    }

    line(item, base) {
      return element("li", "item", element("span", "rank", item.rank), this.text(item.name, item, base));
    }
  });

  customElements.define("xunke-related", class extends List {
    static observedAttributes = ["course", "target", "limit", ...SHARED];
    name = "related";
    list = "ul";
    usual = 6;

    path() {
      const limit = this.getAttribute("limit");
      const course = this.getAttribute("course");
      if (!course) throw new Error("course: is missing: it is the id of a course");
      return `api/v1/courses/${encodeURIComponent(course)}/related${limit ? `?limit=${encodeURIComponent(limit)}` : ""}`;
    }

    called() { return this.texts.related; }

    line(item, base) { return element("li", "item", this.text(item.name, item, base)); }
  });

  // The server checks what is sent; here only what is missing is seen to.
  customElements.define("xunke-consultation", class extends Card {
    static observedAttributes = ["course", ...SHARED];
    name = "consultation";

    called() { return this.texts.consultation; }

    show() {
      const t = this.texts;
      const field = (name, kind, most) => {
        const input = Object.assign(document.createElement("input"), { name, type: "text", required: true, maxLength: most, ...kind });
        return element("label", "field", element("span", "", t[name]), input);
      };
      const said = status();
      const course = this.getAttribute("course");
      const button = element("button", "send", t.send);
      const form = element("form", "form",
        field("name", { autocomplete: "name" }, 40), field("mobile", { type: "tel", autocomplete: "tel" }, 24),
        ...(course ? [] : [field("course", {}, 120)]), button, element("p", "by", t.privacy), said);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const body = Object.fromEntries(new FormData(form));
        if (course) body.course_id = Number(course);
        button.disabled = true;
        said.textContent = await this.#send(body);
        button.disabled = false;
      });
      this.draw("ready", form);
    }

    // Returns what to say; once it is sent the form is gone and nothing is left to say.
    async #send(body) {
      const t = this.texts;
      try {
        const response = await fetch(new URL("api/v1/consultations", this.base), {
          method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
          ...common(),
        });
        if (response.ok) {
          const thanks = status(t.thanks);
          thanks.tabIndex = -1;
          this.draw("sent", thanks);
          thanks.focus();
          this.tell("sent", {});
          return "";
        }
        if (response.status === 429) return t.wait;
        const fields = ((await response.json()).errors ?? []).map((e) => e.field);
        return fields.length ? t.wrong + fields.map((f) => t[f.replace("_id", "")] ?? f).join(", ") : t.failed;
      } catch {
        return t.failed;
      }
    }
  });
})();
