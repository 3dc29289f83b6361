// The page's behaviour: asking, citations and their sources, conversations, settings.
// The server draws; this leads from one drawn thing to another, and sends events.
import { closeOf, openDocument } from "./dialogs.js";
import { chosen, drawChosen, NO_FILTERS, redrawChosen, set, settings } from "./filters.js";
import { hidePreview, preview } from "./preview.js";

const $ = (selector, within = document) => within.querySelector(selector);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const said = (name) => $("#words")?.dataset[name] ?? "";
const conversation = () => $("#part-live [data-conversation]")?.dataset.conversation ?? "";
const turnOf = (element) => element.closest("[data-turn]");

// What is said without the server: a copy was made, the server is away.
function tell(text, isFailure = false) {
  const line = $("#part-live p");
  if (!line) return;
  line.textContent = text;
  line.lang = document.documentElement.lang;
  line.className = isFailure ? "failure" : "hidden";
}

// Asking

let editing = null; // what an edited question is sent with, and the filters to come back after it
let nonce = "";

function ask(question, more = {}) {
  if ("asking" in document.body.dataset) return;
  document.body.dataset.asking = "";
  leaveEdit();
  tell(""); // a failure that was told before is not this question's
  nonce = String(Math.random()).slice(2);
  showView("chat");
  closeMenus();
  gazette.send("ask", { question, nonce, conversation: conversation(), ...chosen(), ...more });
}

// The answer to what was asked here has ended, or could not begin.
function isAnswered() {
  const turn = $(`#part-turn [data-nonce="${nonce}"]`);
  return turn ? !turn.matches("[data-busy]") : Boolean($("#part-live .failure"));
}

function edit(one) {
  editing = one;
  const note = $("#composer .editing");
  if (note) note.hidden = one === null;
}

// A turn's question comes into the composer, and its filters into the panel.
function beginEdit(turn) {
  const { ignoring, follows, ...filters } = askedWith(turn);
  const docs = [...turn.querySelectorAll("[data-tag=docs]")].map((tag) => (
    { id: tag.dataset.words, title: $("span", tag).textContent }));
  const before = editing?.before ?? settings();
  closeMenus();
  set({ ...filters, docs });
  edit({ at: Number(turn.dataset.turn), ignoring, follows, before });
  const box = $("#ask");
  box.value = turn.dataset.question;
  box.focus();
}

// An edit that is not sent: the filters of the next question are again what they were.
function leaveEdit() {
  if (editing) set(editing.before);
  edit(null);
}

function submit() {
  const box = $("#ask");
  const question = box.value.trim();
  if (!question || "asking" in document.body.dataset) return;
  box.value = "";
  if (!editing) return ask(question);
  const { at, ignoring, follows } = editing;
  edit(null);
  ask(question, { at, follows, ignoring: ignoring.filter((words) => question.includes(words)) });
}

const askedWith = (turn) => JSON.parse(turn.dataset.asked);

// A turn asked again in its place, with its own filters and not those of the next question.
function again(turn, change = {}) {
  const at = Number(turn.dataset.turn);
  ask(turn.dataset.question, { at, ...askedWith(turn), ...change });
}

function toggleTag(tag) {
  const turn = turnOf(tag);
  const { tag: name, words } = tag.dataset;
  const value = askedWith(turn)[name];
  const isReading = tag.getAttribute("aria-pressed") === "true";
  if (name === "follows") again(turn, { follows: !value });
  else if (isReading) again(turn, { ignoring: [...value, words] });
  else again(turn, { [name]: Array.isArray(value) ? value.filter((one) => one !== words) : null });
}

// Sources: those of one turn are shown; a rule chooses, since what is drawn may be drawn anew.

const rule = new CSSStyleSheet();
document.adoptedStyleSheets.push(rule);
let inView = "";

function showSourcesOf(turn) {
  if (turn === inView) return;
  inView = turn;
  rule.replaceSync(`#right .sources:not([data-turn="${CSS.escape(turn)}"]) { display: none }`);
}

let ledAt = -Infinity;

function lead(target) {
  if (!target) return;
  ledAt = performance.now();
  const turn = turnOf(target);
  if (turn?.matches(".sources")) showSourcesOf(turn.dataset.turn);
  const folded = target.closest("details");
  if (folded) folded.open = true;
  target.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  target.focus({ preventScroll: true });
}

// The turn whose sources are beside it: the last that has come up to the middle of the window.
function follow() {
  if (performance.now() - ledAt < 600) return; // that scrolling came of a click, not of reading
  const turns = [...document.querySelectorAll("#talk .turn")];
  const reached = turns.filter((turn) => turn.getBoundingClientRect().top < innerHeight / 2);
  const shown = reached.at(-1) ?? turns[0];
  if (shown) showSourcesOf(shown.dataset.turn);
}

let isDue = false;
document.addEventListener("scroll", ({ target }) => {
  hidePreview();
  if (isDue || target.id !== "talk") return; // in one column the sources come after all turns
  isDue = true;
  requestAnimationFrame(() => ((isDue = false), follow()));
}, { capture: true, passive: true });

// What a turn can be asked for

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https a browser has no clipboard but the old one
    const box = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(box);
    box.select();
    const isDone = document.execCommand("copy");
    box.remove();
    return tell(said(isDone ? "copied" : "copyFailed"));
  }
  tell(said("copied"));
}

function like(turn, button) {
  const isOn = button.getAttribute("aria-pressed") === "true";
  gazette.send("feedback", { position: Number(turn.dataset.turn), liked: isOn ? null : true });
}

async function dislike(turn, button) {
  const position = Number(turn.dataset.turn);
  if (button.getAttribute("aria-pressed") === "true") {
    return gazette.send("feedback", { position, liked: null });
  }
  const dialog = $("#disliking");
  if ((await closeOf(dialog)) !== "send") return;
  const form = new FormData($("form", dialog));
  gazette.send("feedback", {
    position, liked: false, reason: form.get("reason"), comment: form.get("comment"),
  });
}

const acts = {
  copy: (_, turn) => copy($(".copied", turn).textContent),
  retry: (_, turn) => again(turn),
  edit: (_, turn) => beginEdit(turn),
  unedit: () => (($("#ask").value = ""), leaveEdit(), $("#ask").focus()),
  like: (button, turn) => like(turn, button),
  dislike: (button, turn) => dislike(turn, button),
  stop: () => gazette.send("stop"),
  link: () => copy(location.href),
  close: (button) => button.closest("dialog").close(),
  new: () => (openConversation(""), $("#ask")?.focus()),
  documents: () => (location.hash = "documents"),
  menu: () => showMenu(!("menu" in document.body.dataset)),
  unfilter: () => set(NO_FILTERS),
};

// Conversations

function openConversation(id) {
  history.pushState(null, "", id ? `?c=${encodeURIComponent(id)}` : location.pathname);
  showView("chat");
  turnTo(id);
}

// Another conversation is drawn: what was begun in this one is not for that one.
function turnTo(id) {
  scrollTo(0, 0); // in one column
  leaveEdit();
  nonce = "";
  delete document.body.dataset.asking; // what was being answered goes on unseen, or ends
  gazette.send("open", { id });
}

async function rename({ rename: id, title }) {
  const dialog = $("#renaming");
  const field = $("input", dialog);
  const how = closeOf(dialog);
  field.value = title;
  field.select();
  if ((await how) === "save") gazette.send("rename", { id, title: field.value, words: $("#find").value });
}

async function remove({ delete: id, title }) {
  const dialog = $("#deleting");
  const heading = $("h2", dialog);
  heading.textContent = heading.dataset.text.replace("{title}", () => title);
  if ((await closeOf(dialog)) !== "delete") return;
  gazette.send("remove", { id, words: $("#find").value });
  $("#find").focus();
}

let typed = 0;
function find(words) {
  clearTimeout(typed);
  typed = setTimeout(() => gazette.send("find", { words }), 200);
}

// Views and settings

function showMenu(isOpen) {
  if (isOpen) document.body.dataset.menu = "";
  else delete document.body.dataset.menu;
  $(".brand .menu")?.setAttribute("aria-expanded", String(isOpen));
}

function showView(name) {
  showMenu(false);
  document.body.dataset.view = name;
  if (name !== "documents" && location.hash === "#documents") {
    history.replaceState(null, "", location.pathname + location.search);
  }
  drawView();
}

// The documents are asked for when they come into view; their place may be drawn after that.
function drawView() {
  const section = $("#documents");
  const isHidden = document.body.dataset.view !== "documents";
  if (!section || section.hidden === isHidden) return;
  section.hidden = isHidden;
  if (!isHidden) import("./documents.js").then(({ show }) => show(section));
}

const viewOfAddress = () => showView(location.hash === "#documents" ? "documents" : "chat");

function setLanguage(code) {
  const path = new URL(".", document.baseURI).pathname;
  document.cookie = `gazette_language=${code}; path=${path}; max-age=31536000; samesite=strict`;
  gazette.send("reload");
  const section = $("#documents");
  if (section.library) import("./documents.js").then(({ show }) => show(section, true));
}

// What the reader does

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  if (at("#documents")) return; // documents.js is at home there
  const link = at(".chip, .back, .to-sources, .skip");
  if (link) {
    event.preventDefault();
    hidePreview();
    if (link.matches(".skip") && document.body.dataset.view === "documents") {
      return lead($("#documents h2"));
    }
    return lead(document.getElementById(link.hash.slice(1)));
  }
  const act = at("[data-act]");
  if (act) {
    event.preventDefault();
    return acts[act.dataset.act](act, turnOf(act));
  }
  const found = at("[data-open], [data-rename], [data-delete], [data-tag], [data-example], .open");
  if (!found) return at("details.filters, details.menu-of") ?? closeMenus();
  if (found.matches(".open")) return openDocument(found, conversation());
  event.preventDefault();
  const data = found.dataset;
  if (data.open) openConversation(data.open);
  else if (data.rename) rename(data);
  else if (data.delete) remove(data);
  else if (data.tag) toggleTag(found);
  else ask(data.example);
}, true);

function closeMenus() {
  for (const menu of document.querySelectorAll("details:is(.filters, .menu-of)[open]")) {
    menu.open = false;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "composer") return;
  event.preventDefault();
  submit();
});

document.addEventListener("keydown", (event) => {
  const { key, target, shiftKey, isComposing } = event;
  if (target.id === "ask" && key === "Enter" && !shiftKey && !isComposing) {
    event.preventDefault();
    submit();
  }
  if (key !== "Escape" || target.closest?.("dialog")) return; // a dialog closes by itself
  hidePreview();
  const menu = target.closest?.("details:is(.filters, .menu-of)[open]");
  if (menu) {
    menu.open = false;
    $("summary", menu).focus();
  }
  if ("menu" in document.body.dataset) {
    showMenu(false);
    $(".brand .menu").focus();
  }
});

document.addEventListener("input", ({ target }) => {
  if (target.id === "find") find(target.value);
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "language") setLanguage(target.value);
  else if (target.id === "theme") {
    localStorage.setItem("gazette-theme", target.value);
    gazette.drawTheme();
  } else if (target.closest?.(".filters")) drawChosen();
});

for (const [come, go] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(come, ({ target }) => {
    const chip = target.closest?.(".chip");
    if (chip) preview(chip);
  });
  document.addEventListener(go, ({ target, relatedTarget }) => {
    if (target.closest?.(".chip") && !relatedTarget?.closest?.("#preview")) hidePreview();
  });
}

addEventListener("popstate", () => {
  viewOfAddress();
  const id = new URL(location).searchParams.get("c") ?? "";
  if (id !== conversation()) turnTo(id);
});
addEventListener("hashchange", viewOfAddress);
addEventListener("gazette:lost", () => {
  delete document.body.dataset.asking;
  tell(said("unreachable"), true);
});
document.addEventListener("gazette:open", ({ detail }) => openDocument(null, "", detail.doc));
document.addEventListener("gazette:ask", () => {
  history.pushState(null, "", location.pathname + location.search);
  showView("chat");
  $("#ask").focus();
});

// Documents came or went: what the page says of the corpus is drawn anew, once for a row of files.
let isStale;
document.addEventListener("gazette:changed", () => {
  clearTimeout(isStale);
  isStale = setTimeout(() => gazette.send("reload"), 500);
});

// What the server draws

let shown = "";
function drawn() {
  drawView();
  redrawChosen();
  edit(editing); // the form may have been drawn anew, without the note
  const live = $("#part-live p");
  if (isAnswered()) delete document.body.dataset.asking;
  const id = conversation();
  const address = new URL(location);
  if (live && id !== (address.searchParams.get("c") ?? "")) {
    if (id) address.searchParams.set("c", id);
    else address.searchParams.delete("c");
    history.replaceState(null, "", address);
  }
  for (const link of document.querySelectorAll("[data-export]")) {
    link.href = `export?${new URLSearchParams({ conversation: id, format: link.dataset.export })}`;
  }
  const exports = $(".exports");
  if (exports) exports.hidden = !id;
  const language = $("#words")?.dataset.language;
  if (language) document.documentElement.lang = language;
  const theme = $("#theme");
  if (theme) theme.value = gazette.choice;
  const last = [...document.querySelectorAll("#talk .turn")].at(-1);
  const now = last ? `${last.dataset.turn}/${last.dataset.nonce}` : "";
  if (last && now !== shown) {
    shown = now;
    showSourcesOf(last.dataset.turn);
    // When all is drawn: the turns before it come later and would push it down
    setTimeout(() => {
      last.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    }, 60);
  }
}

let isDrawn = false;
new MutationObserver(() => {
  if (isDrawn) return;
  isDrawn = true;
  queueMicrotask(() => ((isDrawn = false), drawn()));
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-conversation", "data-busy", "data-turn", "data-nonce"] });

viewOfAddress();
