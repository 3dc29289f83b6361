// Dialogs: each gives the focus back to where it was opened from.

const $ = (selector, within = document) => within.querySelector(selector);

// Opens `dialog`; what it was closed with, "" for Escape.
export function closeOf(dialog, opener = document.activeElement) {
  dialog.returnValue = "";
  const form = $("form", dialog);
  form?.reset();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      (opener?.isConnected ? opener : $("#ask"))?.focus();
      resolve(dialog.returnValue);
    }, { once: true });
  });
}

// The whole text of a document, at the first of its quotes.
export async function openDocument(button, conversation, doc = button.dataset.doc) {
  const dialog = $("#reading");
  const content = $(".content", dialog);
  const title = $("#reading-title");
  const card = button?.closest?.(".card");
  title.textContent = card ? $("h3", card).lastChild.textContent.trim() : "";
  content.textContent = $("#words").dataset.loading;
  closeOf(dialog, button ?? document.activeElement);
  const asked = new URLSearchParams({ doc });
  if (button) {
    asked.set("version", button.dataset.version ?? "");
    asked.set("marks", button.dataset.marks ?? "");
    const turn = button.closest("[data-turn]");
    if (conversation && turn) {
      asked.set("conversation", conversation);
      asked.set("turn", turn.dataset.turn);
    }
  }
  try {
    const answer = await fetch(`text?${asked}`);
    const html = await answer.text();
    if (answer.ok) content.innerHTML = html; // the server's own, every text in it escaped
    else content.textContent = html;
  } catch {
    content.textContent = $("#words").dataset.unreachable;
  }
  const whole = $(".whole", content);
  if (whole) title.textContent = whole.dataset.title;
  const mark = $("mark", content);
  mark?.scrollIntoView({ block: "center" });
  (mark ?? whole ?? $("[data-act=close]", dialog)).focus({ preventScroll: true });
}

// A click beside the dialog closes it.
document.addEventListener("click", ({ target }) => {
  if (target.matches?.("dialog[open]")) target.close();
});
