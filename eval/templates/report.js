// A filter over the failures. Without it everything is there to be read.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const rows = [...document.querySelectorAll(".failure")];
  const groups = [...document.querySelectorAll(".failures")];
  const shown = form.querySelector("output");

  const fits = (row) =>
    [...form.elements].every(({ name, value }) => {
      if (!name || !value) return true;
      return row.dataset[name].split("|").includes(value);
    });

  const filter = () => {
    for (const row of rows) row.hidden = !fits(row);
    for (const group of groups) group.hidden = !group.querySelector(".failure:not([hidden])");
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = `${count} of ${rows.length} shown`;
  };

  const open = (isOpen) => {
    for (const row of rows) if (!row.hidden) row.open = isOpen;
  };

  // A link to a failure leads to it whatever the filter hides.
  const lead = () => {
    const row = document.getElementById(location.hash.slice(1))?.closest(".failure");
    if (!row) return;
    if (row.hidden) {
      form.reset();
      filter();
    }
    row.open = true;
    row.scrollIntoView();
    row.querySelector("summary").focus({ preventScroll: true });
  };

  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector(".open").addEventListener("click", () => open(true));
  form.querySelector(".close").addEventListener("click", () => open(false));
  window.addEventListener("hashchange", lead);
  form.hidden = false;
  filter();
  lead();
})();
