// The quote behind a citation's number, shown beside it while the pointer or the focus is there.

const box = () => document.getElementById("preview");

export function preview(chip) {
  const mark = document.getElementById(chip.hash.slice(1));
  const card = mark?.closest(".card");
  if (!card || !box()) return;
  const quote = document.createElement("q");
  quote.textContent = mark.textContent;
  quote.lang = card.querySelector("blockquote").lang;
  const from = document.createElement("p");
  from.className = "facts";
  from.textContent = [card.querySelector("h3").lastChild.textContent.trim(),
    ...[...card.querySelectorAll(".facts > *")].map((one) => one.textContent)].join(" · ");
  box().replaceChildren(quote, from);
  box().hidden = false;
  chip.setAttribute("aria-describedby", "preview");
  place(chip.getBoundingClientRect());
}

// Under the number, or above where there is no room; inside the window in any case.
function place({ left, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = box();
  const x = Math.max(8, Math.min(left - 24, innerWidth - width - 8));
  const isAbove = bottom + 8 + height > innerHeight && top > height;
  box().style.left = `${x}px`;
  box().style.top = `${isAbove ? top - height - 6 : bottom + 6}px`;
}

export function hidePreview() {
  if (!box() || box().hidden) return;
  box().hidden = true;
  document.querySelector("[aria-describedby=preview]")?.removeAttribute("aria-describedby");
}

addEventListener("pointerout", ({ target, relatedTarget }) => {
  if (target.closest?.("#preview") && !relatedTarget?.closest?.("#preview, .chip")) hidePreview();
});
