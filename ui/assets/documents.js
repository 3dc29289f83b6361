// The documents: their table, files and texts taken in, documents taken out.
// Everything shown of a document is escaped by the server, or set as text here.

import { choose, documents } from "./filters.js";

const PAUSE = 250; // Milliseconds without a key before the table is asked for

/** Fill `section` the first time or `isAnew`, and show the table as it is now. */
export async function show(section, isAnew = false) {
  if (!section.library || isAnew) {
    const answer = await fetch("documents/panel");
    if (!answer.ok) return;
    const html = await answer.text();
    const old = section.library;
    section.innerHTML = html;
    section.library = new Library(section.querySelector(".library"));
    if (old) section.library.takeOver(old);
  }
  await section.library.refresh();
}

class Library {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.page = 1;
    this.asked = 0;
    this.count = root.querySelector(".library-count");
    this.table = root.querySelector(".library-table");
    this.said = root.querySelector(".library-said");
    this.dialog = root.querySelector("dialog");
    this.search = root.querySelector(".library-search");
    this.listen();
    if (this.dialog) this.listenToChanges();
  }

  /** What was written and what is being sent in `old`, which was drawn in another language. */
  takeOver(old) {
    for (const [n, form] of old.forms().entries()) {
      for (const { name, value } of form.elements) if (name) this.forms()[n].elements[name].value = value;
    }
    if (this.files) {
      this.files.append(...old.files.children);
      this.pasting.open = old.pasting.open;
    }
    old.refresh = () => this.refresh();
  }

  forms() {
    return [...this.root.querySelectorAll(".library-search, .library-paste form")];
  }

  /** The words called `name`, their gaps filled. */
  say(name, gaps = {}) {
    return this.words[name].replace(/{(\w+)}/g, (gap, key) => gaps[key] ?? gap);
  }

  listen() {
    let waiting;
    const anew = () => {
      clearTimeout(waiting);
      this.page = 1;
      this.refresh();
    };
    this.search.addEventListener("submit", (event) => { event.preventDefault(); anew(); });
    this.search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(anew, PAUSE);
    });
    this.search.addEventListener("change", ({ target }) => target.matches("select") && anew());
    this.table.addEventListener("change", ({ target }) => this.choose(target));
    document.addEventListener("gazette:chosen", () => this.tick());
    this.table.addEventListener("click", ({ target }) => this.act(target.closest("button")));
    this.root.querySelector(".library-chosen button").addEventListener("click", () => {
      choose([]);
      this.search.elements.words.focus();
    });
    this.root.querySelector(".library-chosen a").addEventListener("click", (event) => {
      event.preventDefault(); // it leads to the page's first address, not to this conversation
      document.dispatchEvent(new CustomEvent("gazette:ask"));
    });
  }

  // The table

  async refresh() {
    const number = ++this.asked;
    this.table.setAttribute("aria-busy", "true");
    const { words, lang } = this.search.elements;
    const wanted = new URLSearchParams({ words: words.value, lang: lang.value, page: this.page });
    const html = await fetch(`documents/table?${wanted}`)
      .then((answer) => (answer.ok ? answer.text() : null)).catch(() => null);
    if (number !== this.asked) return; // A later search overtook this one
    this.table.setAttribute("aria-busy", "false");
    if (html === null) {
      this.count.textContent = this.say("table_failed");
      return;
    }
    this.put(html);
  }

  put(html) {
    const held = document.activeElement?.closest(".library-table [data-act], .library-table input");
    const at = held && [held.closest("tr").dataset.doc, held.dataset.act];
    this.table.innerHTML = html;
    this.count.textContent = this.table.firstElementChild.dataset.count;
    this.tick();
    if (at) this.focus(...at);
  }

  /** Keep the focus where it was: on the same control, else on another of its row. */
  focus(doc, act) {
    const row = this.row(doc);
    const same = row?.querySelector(act ? `[data-act="${act}"]` : "input");
    (same ?? row?.querySelector("button") ?? this.root.querySelector("h2")).focus();
  }

  row(doc) {
    return [...this.table.querySelectorAll("tr[data-doc]")].find((row) => row.dataset.doc === doc);
  }

  // Choosing

  choose(box) {
    if (box.type !== "checkbox") return;
    const { doc: id, title } = box.closest("tr").dataset;
    const others = documents.filter((one) => one.id !== id);
    choose(box.checked ? [...others, { id, title }] : others);
  }

  tick() {
    for (const box of this.table.querySelectorAll("input[type=checkbox]")) {
      const { doc } = box.closest("tr").dataset;
      box.checked = documents.some(({ id }) => id === doc);
    }
    const bar = this.root.querySelector(".library-chosen");
    bar.hidden = !documents.length;
    const count = this.say("chosen", { n: documents.length });
    bar.querySelector(".library-chosen-count").textContent = documents.length ? count : "";
  }

  // What a row's buttons do

  async act(button) {
    if (!button) return;
    if (button.dataset.page) {
      this.page = Number(button.dataset.page);
      await this.refresh();
      this.root.querySelector("h2").focus();
      return;
    }
    const { doc, title, origin } = button.closest("tr").dataset;
    switch (button.dataset.act) {
      case "open":
        document.dispatchEvent(new CustomEvent("gazette:open", { detail: { doc } }));
        break;
      case "delete":
        if (await this.confirmed(title, origin)) await this.change("delete", doc, title, button);
        break;
      default:
        await this.change(button.dataset.act, doc, title, button);
    }
  }

  /** Whether the reader confirms that the document is to be deleted. */
  confirmed(title, origin) {
    this.dialog.querySelector("h2").textContent = this.say("delete_ask", { title });
    const what = origin === "uploaded" ? "delete_ours" : "delete_theirs";
    this.dialog.querySelector("p").textContent = this.say(what);
    this.dialog.returnValue = "";
    this.dialog.showModal();
    return new Promise((resolve) => {
      const closed = () => resolve(this.dialog.returnValue === "delete");
      this.dialog.addEventListener("close", closed, { once: true });
    });
  }

  async change(what, doc, title, button) {
    button.setAttribute("aria-disabled", "true");
    const done = { delete: "deleted_named", restore: "restored_named", reread: "reread_done" };
    const result = await posted(`documents/${what}`, { ids: [doc] });
    const reason = result?.message ?? result?.detail ?? this.say("lost");
    const failed = () => this.say("not_done", { reason });
    this.said.textContent = result?.ok ? this.say(done[what], { title }) : failed();
    this.said.classList.toggle("library-failed", !result?.ok);
    if (result?.ok && what === "delete") choose(documents.filter(({ id }) => id !== doc));
    button.removeAttribute("aria-disabled");
    if (result?.ok) document.dispatchEvent(new CustomEvent("gazette:changed"));
    await this.refresh();
  }

  // Taking in

  listenToChanges() {
    this.line = [];
    this.isSending = false;
    this.files = this.root.querySelector(".library-files");
    this.pasting = this.root.querySelector(".library-paste");
    const picker = this.root.querySelector("input[type=file]");
    picker.addEventListener("change", () => {
      this.addFiles(picker.files);
      picker.value = "";
    });
    const drop = this.root.querySelector(".library-drop");
    const over = (is) => drop.classList.toggle("library-over", is);
    drop.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    drop.addEventListener("dragleave", () => over(false));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      this.addFiles(event.dataTransfer.files);
    });
    this.pasting.addEventListener("submit", (event) => {
      event.preventDefault();
      this.paste(event.target);
    });
  }

  addFiles(files) {
    for (const file of files) this.line.push({ file, row: new Row(this, file.name) });
    this.sendNext();
  }

  /** One file at a time: the server indexes them one after the other, whoever sends them. */
  async sendNext() {
    if (this.isSending) return;
    this.isSending = true;
    for (let next; (next = this.line.shift());) {
      if (!next.row.isCancelled) await this.send(next.file, next.row);
    }
    this.isSending = false;
  }

  async send(file, row) {
    row.start();
    const limit = Number(this.root.dataset.maxBytes);
    if (file.size > limit) {
      row.fail(this.say("too_big", { mb: Math.floor(limit / 1e6) }));
      return;
    }
    const name = new URLSearchParams({ name: file.name });
    await this.taken(`documents/upload?${name}`, file, row, file.name);
  }

  async paste(form) {
    const fields = Object.fromEntries(new FormData(form));
    const button = form.querySelector("button");
    button.disabled = true;
    const row = new Row(this, fields.title);
    row.start();
    const body = new Blob([JSON.stringify(fields)], { type: "application/json" });
    if (await this.taken("documents/paste", body, row, "")) form.reset();
    button.disabled = false;
  }

  /** Send `body` and show in `row` what becomes of it; whether it was taken in. */
  async taken(address, body, row, name) {
    const end = await sent(address, body, {
      sending: (share) => row.show(this.say("sending", { percent: Math.floor(100 * share) }), share / 2),
      told: (line) => this.tellProgress(line, row),
    });
    if (!end?.ok) {
      row.fail(end?.message ?? end?.detail ?? this.say("lost"));
      return false;
    }
    const { id, title } = end.document;
    const kept = id.split("/").pop();
    const renamed = name && kept !== name ? ` (${this.say("kept_as", { name: kept })})` : "";
    row.finish(this.say("added", { title }) + renamed);
    document.dispatchEvent(new CustomEvent("gazette:changed"));
    await this.refresh();
    return true;
  }

  tellProgress(line, row) {
    if (line.state) row.show(this.say("in_line"), null);
    if (line.total) row.show(this.say("indexing", line), 0.5 + line.done / line.total / 2);
  }
}

/** `name` with what would turn it round spelt out, as in all that the server draws. */
const inOneDirection = (name) => name.replace(
  /[\u202a-\u202e\u2066-\u2069]/g,
  (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase()}]`,
);

/** A file that is being added: its name, how far it is, and what became of it. */
class Row {
  constructor(library, given) {
    const name = inOneDirection(given);
    this.library = library;
    this.isCancelled = false;
    this.item = made("li", "library-file");
    this.bar = made("progress", "");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", name);
    this.words = made("span", "library-file-said", library.say("waiting"));
    this.words.setAttribute("role", "status");
    this.button = made("button", "button quiet", library.say("cancel"));
    this.button.type = "button";
    this.button.setAttribute("aria-label", library.say("cancel_named", { name }));
    this.button.addEventListener("click", () => this.cancel());
    const title = made("span", "library-file-name", name);
    this.item.append(title, this.words, this.bar, this.button);
    library.files.append(this.item);
  }

  cancel() {
    this.isCancelled = true;
    this.end("library-failed", this.library.say("cancelled"));
    this.library.root.querySelector("input[type=file]").focus();
  }

  start() {
    this.button.remove();
  }

  /** `share` is 0 to 1, or null while nobody knows. */
  show(text, share) {
    this.words.textContent = text;
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
  }

  fail(reason) {
    this.end("library-failed", this.library.say("not_added", { reason }));
  }

  finish(text) {
    this.end("library-done", text);
  }

  end(kind, text) {
    this.words.textContent = text;
    this.item.classList.add(kind);
    this.bar.remove();
    this.button.remove();
  }
}

function made(tag, kind, text = "") {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  return element;
}

/** What the server answers to `body`, or null when it cannot be reached. */
function posted(address, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(body) })
    .then((answer) => answer.json()).catch(() => null);
}

/** Send `body`, tell how much has gone and every line of the answer; its last line, or null. */
function sent(address, body, { sending, told }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let read = 0;
    let last = null;
    const take = () => {
      const text = request.responseText;
      for (let end; (end = text.indexOf("\n", read)) >= 0; read = end + 1) {
        last = JSON.parse(text.slice(read, end));
        told(last);
      }
    };
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) sending(event.loaded / event.total);
    });
    request.addEventListener("progress", () => request.status === 200 && take());
    request.addEventListener("loadend", () => {
      if (request.status === 200) take();
      if (request.status === 401) location.reload(); // the session has ended: to the login
      resolve(request.status === 200 ? last : refusal(request.responseText));
    });
    request.open("POST", address);
    request.send(body);
  });
}

function refusal(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
