// The filters of the next questions: what is ticked in the form, and documents chosen in the table.

export let documents = [];

const form = () => document.getElementById("composer");

export const NO_FILTERS = { langs: [], publishers: [], since: null, until: null, docs: [] };

// What is set, documents with their titles.
export function settings() {
  const values = new FormData(form());
  return {
    langs: values.getAll("langs"),
    publishers: values.getAll("publishers"),
    since: values.get("since") || null,
    until: values.get("until") || null,
    docs: documents,
  };
}

// The same as it is sent.
export const chosen = () => ({ ...settings(), docs: documents.map(({ id }) => id) });

// Set all filters anew, as `settings` gives them.
export function set(filters) {
  for (const field of form().querySelectorAll(".filters input")) {
    const value = filters[field.name];
    if (field.type === "checkbox") {
      const [own, ...others] = [field.value, ...value].map((one) => one.toLowerCase());
      field.checked = others.includes(own); // the terminal takes publishers in any case
    } else field.value = value ?? "";
  }
  choose(filters.docs);
}

// Choose documents, each {id, title}.
export function choose(docs) {
  documents = docs;
  drawChosen();
}

// A date as the server writes it: the order of its parts is the same in every language.
function inWords(date) {
  const how = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, how);
  const said = Object.fromEntries(
    format.formatToParts(new Date(date)).map(({ type, value }) => [type, value]),
  );
  return `${said.day} ${said.month} ${said.year}`;
}

function* parts() {
  for (const field of form().querySelectorAll(".filters input")) {
    const label = field.closest("label").textContent.trim();
    if (field.type === "checkbox" && field.checked) yield [label, () => (field.checked = false)];
    if (field.type === "date" && field.value) {
      yield [`${label} ${inWords(field.value)}`, () => (field.value = "")];
    }
  }
  for (const one of documents) {
    yield [one.title, () => (documents = documents.filter((other) => other !== one))];
  }
}

// One removable tag for each filter that is set, and their number on the button.
export function drawChosen() {
  document.dispatchEvent(new Event("gazette:chosen")); // the table of documents ticks them
  const list = form()?.querySelector(".chosen");
  if (!list) return;
  const tags = [...parts()].map(([text, drop]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tag";
    button.setAttribute("aria-label", list.dataset.drop.replace("{what}", () => text));
    const words = document.createElement("span");
    words.textContent = text;
    const cross = document.createElement("span");
    cross.className = "cross";
    cross.setAttribute("aria-hidden", "true");
    cross.textContent = "×";
    button.append(words, cross);
    button.addEventListener("click", () => {
      drop();
      drawChosen();
      (list.querySelector("button") ?? form().querySelector(".filters summary")).focus();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  list.replaceChildren(...tags);
  const { on, off } = form().querySelector(".filters").dataset;
  const name = tags.length ? on.replace("{n}", tags.length) : off;
  form().querySelector(".filters summary span").textContent = name;
}

// The same where the form was drawn anew, without the tags.
export function redrawChosen() {
  const list = form()?.querySelector(".chosen");
  if (list && list.childElementCount !== [...parts()].length) drawChosen();
}
