"use strict";
// The matrix: folding, filters, and one tab stop that arrow keys move.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const text = (number) => data.texts[number].map((line) => data.lines[line]).join("\n");
for (const cell of data.fixtures.flatMap(({ cells }) => cells)) {
  if (cell === null) continue;
  for (const list of ["mismatches", "notes", "wire"]) cell[list] ??= [];
  cell.more ??= 0;
}

/** An element with properties, attributes where the name has a dash, and children. */
const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
};

const matrix = byId("matrix");
const columns = [...matrix.tHead.rows[0].cells].slice(1);

let groups = [];
let rows = [];

/** Makes buttons of the matrix: thousands, so not before somebody looks at it. */
function build() {
  if (rows.length > 0) return;
  groups = [...matrix.tBodies].map((body) => {
    const head = body.rows[0].cells[0];
    const button = make("button", { type: "button", "aria-expanded": "true" }, ...head.childNodes);
    head.append(button);
    const group = { name: body.dataset.group, body, button };
    button.addEventListener("click", () => {
      if (!folded().delete(group)) folded().add(group);
      show();
    });
    return group;
  });
  const ofBody = new Map(groups.map((group) => [group.body, group]));
  rows = [...matrix.querySelectorAll("tr.fixture")].map((row, index) => {
    const fixture = data.fixtures[index];
    const cells = [...row.cells].slice(1).map((cell, column) => {
      if (fixture.cells[column] === null) return null;
      const button = make("button", { type: "button", tabIndex: -1 }, ...cell.firstChild.childNodes);
      cell.replaceChildren(button);
      return { cell, button, classes: new Set(cell.classList) };
    });
    return { row, fixture, cells, group: ofBody.get(row.parentNode), words: null };
  });
  folds.all = new Set(rows.length > 60 ? groups : []);
  byId("filters").hidden = false;
  show();
}

/** What the search looks through. */
function words(fixture) {
  const all = new Set([fixture.id, fixture.title, ...fixture.cites]);
  for (const cell of fixture.cells) {
    if (cell === null) continue;
    if (cell.known !== undefined) all.add(text(cell.known));
    for (const mismatch of cell.mismatches) {
      all.add(mismatch.defect).add(data.defects[mismatch.defect]).add(text(mismatch.seen));
      all.add(mismatch.requirement);
    }
    cell.notes.concat(cell.outcomes).forEach((note) => all.add(text(note)));
  }
  return [...all].join("\n").toLowerCase();
}

// Folding. A filter shows what it finds unfolded, and leaves the folds of the
// whole matrix as they were.
const folds = { all: new Set(), found: new Set() };
const filter = { query: "", verdicts: new Set(), levels: new Set(), group: "", client: "" };
const isFiltered = () =>
  filter.query !== "" || filter.verdicts.size > 0 || filter.levels.size > 0 || filter.group !== "";
const folded = () => (isFiltered() ? folds.found : folds.all);

function matches(row, cell) {
  if (filter.verdicts.size === 0) return true;
  // "unexpected" narrows what the verdicts name.
  const verdicts = [...filter.verdicts].filter((verdict) => verdict !== "unexpected");
  const named = verdicts.length === 0 || verdicts.some((verdict) => cell.classes.has(verdict));
  return named && (!filter.verdicts.has("unexpected") || cell.classes.has("unexpected"));
}

function show() {
  const terms = filter.query.toLowerCase().split(/\s+/).filter(Boolean);
  const isShown = (column) => filter.client === "" || Number(filter.client) === column;
  let found = 0;
  const inGroup = new Map();
  for (const row of rows) {
    let any = false;
    row.cells.forEach((cell, column) => {
      if (cell === null) return;
      const match = isShown(column) && matches(row, cell);
      any ||= match;
      cell.cell.classList.toggle("dim", !match && filter.verdicts.size > 0);
    });
    row.found =
      any &&
      (filter.levels.size === 0 || filter.levels.has(row.fixture.level)) &&
      (filter.group === "" || filter.group === row.group.name) &&
      (terms.length === 0 || terms.every((term) => (row.words ??= words(row.fixture)).includes(term)));
    if (row.found) {
      found += 1;
      inGroup.set(row.group, (inGroup.get(row.group) ?? 0) + 1);
    }
    row.row.hidden = !row.found || folded().has(row.group);
  }
  for (const group of groups) {
    group.body.hidden = !inGroup.has(group);
    group.button.setAttribute("aria-expanded", String(!folded().has(group)));
  }
  for (const row of matrix.rows) {
    [...row.cells].slice(1).forEach((cell, column) => (cell.hidden = !isShown(column)));
  }
  byId("shown").textContent =
    found === rows.length ? `${found} fixtures` : `${found} of ${rows.length} fixtures`;
  byId("empty").hidden = found > 0;
  byId("clear").hidden = !isFiltered() && filter.client === "";
  keepTabStop();
}

// One cell is a tab stop; the arrow keys move on from it.
let stop = null;
const isOpen = (cell) => cell && !cell.cell.hidden && !cell.cell.parentNode.hidden && !cell.cell.parentNode.parentNode.hidden;

function moveTabStop(button) {
  if (stop) stop.tabIndex = -1;
  stop = button;
  if (stop) stop.tabIndex = 0;
}

function keepTabStop() {
  const open = rows.flatMap((row) => row.cells).filter(isOpen);
  if (!open.some(({ button }) => button === stop)) moveTabStop(open[0]?.button ?? null);
}

function neighbour(button, key) {
  const column = button.parentNode.cellIndex - 1;
  const at = rows.findIndex(({ row }) => row === button.parentNode.parentNode);
  const inColumn = (list) => list.map((row) => row.cells[column]).find(isOpen);
  const { cells } = rows[at];
  switch (key) {
    case "ArrowUp": return inColumn(rows.slice(0, at).reverse());
    case "ArrowDown": return inColumn(rows.slice(at + 1));
    case "ArrowLeft": return cells.slice(0, column).reverse().find(isOpen);
    case "ArrowRight": return cells.slice(column + 1).find(isOpen);
    case "Home": return cells.find(isOpen);
    case "End": return [...cells].reverse().find(isOpen);
    default: return undefined;
  }
}

matrix.addEventListener("keydown", (event) => {
  const button = event.target.closest("tr.fixture td > button");
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = neighbour(button, event.key);
  if (next) next.button.focus();
  if (next || event.key.startsWith("Arrow")) event.preventDefault();
});
matrix.addEventListener("focusin", (event) => {
  if (event.target.matches("tr.fixture td > button")) moveTabStop(event.target);
});

byId("fold").addEventListener("click", () => { groups.forEach((group) => folded().add(group)); show(); });
byId("unfold").addEventListener("click", () => { folded().clear(); show(); });

const filters = byId("filters");
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("input", () => {
  filter.query = byId("query").value.trim();
  filter.group = byId("group").value;
  filter.client = byId("client").value;
  folds.found.clear();
  show();
});
for (const [id, set] of [["verdicts", filter.verdicts], ["levels", filter.levels]]) {
  byId(id).addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (!chip) return;
    if (!set.delete(chip.value)) set.add(chip.value);
    chip.setAttribute("aria-pressed", String(set.has(chip.value)));
    folds.found.clear();
    show();
  });
}
byId("clear").addEventListener("click", () => {
  filters.reset();
  Object.assign(filter, { query: "", group: "", client: "" });
  filter.verdicts.clear();
  filter.levels.clear();
  filters.querySelectorAll(".chip").forEach((chip) => chip.setAttribute("aria-pressed", "false"));
  show();
  byId("query").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, select") || byId("detail").open || byId("fixtures").hidden) return;
  event.preventDefault();
  byId("query").focus();
});
