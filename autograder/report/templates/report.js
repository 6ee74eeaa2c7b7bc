"use strict";
const box = document.querySelector("#pseudonyms");
if (box) {
  // A file may have no storage.
  try {
    box.checked = localStorage.getItem("pseudonyms") === "yes";
  } catch {}
  box.addEventListener("change", () => {
    try {
      localStorage.setItem("pseudonyms", box.checked ? "yes" : "no");
    } catch {}
  });
}
for (const each of document.querySelectorAll(".controls[hidden]")) each.hidden = false;

for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const place = Number(head.dataset.sort);
    const value = (row) => {
      if (place < 0) return row.cells[0].innerText.toLowerCase();
      const number = parseFloat(row.querySelectorAll(".s")[place]?.textContent);
      return Number.isNaN(number) ? -Infinity : number;
    };
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelector("[aria-sort]")?.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = [...body.rows].map((row) => [value(row), row]);
      const order = (a, b) => (typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
      keyed.sort((a, b) => (up ? order(a[0], b[0]) : order(b[0], a[0])));
      body.append(...keyed.map((pair) => pair[1]));
    });
  }
}

const map = document.querySelector(".map");
const filter = document.querySelector("#filter");
const rows = [...map.tBodies[0].rows];
filter.addEventListener("input", () => {
  const text = filter.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !row.cells[0].textContent.toLowerCase().includes(text);
    count += !row.hidden;
  }
  document.querySelector("#shown").textContent = text ? `${count} / ${rows.length}` : "";
});
for (const row of rows) if (!row.querySelector("a")) row.cells[0].tabIndex = -1;
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = map.parentElement.contains(event.target);
  if (event.key === "/") filter.focus();
  else if (inside && event.key === "?") document.querySelector(".keys").open = true;
  else if (inside && (event.key === "j" || event.key === "k")) {
    const there = [...map.tBodies[0].rows].filter((row) => !row.hidden);
    const now = there.findIndex((row) => row.contains(document.activeElement));
    const next = there[Math.max(0, Math.min(there.length - 1, now + (event.key === "j" ? 1 : -1)))];
    next?.querySelector("a, [tabindex]").focus();
  } else return;
  event.preventDefault();
});
