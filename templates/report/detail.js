
// What stands behind a cell: the reason, the requirement, the transcript. The
// address names the cell, so that it can be linked to and Back closes it.

const detail = byId("detail");
const address = (column, fixture) => `#${encodeURIComponent(data.clients[column].key)}/${fixture.id}`;

/** What an address names: a finding, of one client or of all, or a cell. */
function named(hash) {
  let path;
  try {
    path = decodeURIComponent(hash.slice(1));
  } catch {
    return null;
  }
  const whose = data.clients.findIndex(({ key }) => path.startsWith(`${key}/`));
  return at(path, null) ?? (whose < 0 ? null : at(path.slice(data.clients[whose].key.length + 1), whose));
}

/** A finding or a fixture by its id, of one client or of all. */
function at(id, whose) {
  const finding = findings.findIndex((of) => of.id === id);
  if (finding >= 0 && (whose === null || findings[finding].shown[whose].length > 0)) return { finding, column: whose };
  const row = data.fixtures.findIndex((of) => of.id === id);
  if (row < 0) return null;
  build();
  const { cells } = rows[row];
  const column = whose ?? worst(cells);
  return cells[column] ? { row, column } : null;
}

/** The cell of a fixture that needs a look most. */
function worst(cells) {
  const rank = (cell) => (cell === null ? 3 : cell.classes.has("unexpected") ? 0 : cell.classes.has("fail") ? 1 : 2);
  return cells.map((cell, column) => [rank(cell), column]).sort(([a, i], [b, j]) => a - b || i - j)[0]?.[1] ?? 0;
}

/** Prose in which backticks mean code. */
const prose = (said) => said.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

const mark = (cell) => make("span", { className: `mark ${[...cell.classes].join(" ")}` }, cell.button.textContent);

const section = (title, ...content) => make("section", {}, make("h3", {}, title), ...content);

/** A source: a link, where it is on the web, and else a path in the project. */
const source = ([title, url]) =>
  /^https?:/.test(url) ? make("a", { href: url, rel: "noreferrer" }, title) : `${title} (${url})`;

function demand(id) {
  const [says, sources] = data.requirements[id] ?? ["", []];
  return make("p", { className: "demand" },
    make("code", {}, id), " ", prose(says), sources.map((of) => make("span", { className: "source" }, source(of))));
}

function mismatch(of, steps) {
  const call = steps > 1 ? `In call ${of.step}, it ` : "It ";
  return make("div", { className: "mismatch" },
    make("p", {}, make("strong", {}, `${call}${data.defects[of.defect]}.`), " ",
      make("a", { href: findingAddress(findings.findIndex(({ id }) => id === findingId(of)), null) }, "The finding")),
    pair(of),
    demand(of.requirement));
}

const pair = (of) => make("dl", { className: "pair" },
  make("dt", {}, "expected"), make("dd", {}, text(of.expected)),
  make("dt", {}, "seen"), make("dd", {}, text(of.seen)));

function exchange(of) {
  const what = `Call ${of.step}, request at ${of.at} ms`;
  const signature = of.signature !== undefined ? `. Signature: ${text(of.signature)}` : "";
  return make("figure", {},
    make("figcaption", {}, what + signature),
    make("pre", {}, make("b", {}, "→ request"), text(of.request)),
    make("pre", {}, make("b", {}, "← reply"), text(of.reply)));
}

function sheet(at, column) {
  const { fixture, cells } = rows[at];
  const record = fixture.cells[column];
  const client = data.clients[column];
  const list = (texts) => make("ul", { className: "lines" }, texts.map((item) => make("li", {}, text(item))));
  const go = (label, by) => {
    const to = step(at, column, by);
    return make("button", { type: "button", disabled: to === null, className: by < 0 ? "before" : "after",
      onclick: () => location.replace(address(column, rows[to].fixture)) }, label);
  };
  const others = data.clients.flatMap((other, index) => cells[index] === null ? [] : make("li", {},
    make("a", { href: address(index, fixture), ...(index === column && { "aria-current": "true" }) },
      `${other.name} ${other.version}`, mark(cells[index]))));
  const why = [
    record.known !== undefined ? make("p", { className: "note" }, `Known failure: ${text(record.known)}`) : null,
    ...record.notes.map((note) => make("p", { className: "note" }, text(note))),
    ...record.mismatches.map((of) => mismatch(of, record.outcomes.length)),
  ].filter((part) => part !== null);
  const shown = new Set(record.mismatches.map(({ requirement }) => requirement));
  const cites = fixture.cites.filter((id) => !shown.has(id));
  return [
    make("nav", { "aria-label": "Fixtures" }, go("↑ Previous", -1), go("↓ Next", 1),
      make("button", { type: "button", className: "close", onclick: () => detail.close() }, "Close")),
    make("header", {},
      make("h2", { id: "detail-title" }, make("span", { className: "id" }, fixture.id), prose(fixture.title)),
      make("p", { className: "facts" }, mark(cells[column]),
        make("span", { className: "who" }, `${client.name} ${client.version}`),
        client.runtime || client.language, make("span", {}, fixture.level), make("span", {}, `${record.took} ms`))),
    client.title === "" ? null : make("p", { className: "facts" }, client.title),
    others.length > 1 ? compared(others, cells) : null,
    why.length > 0 ? section("Reason", ...why) : null,
    record.outcomes.length > 0 ? section("What the client reported", list(record.outcomes)) : null,
    cites.length > 0 ? section(why.length > 0 ? "Also cited" : "Requirements", ...cites.map(demand)) : null,
    section("On the wire",
      record.wire.map(exchange),
      record.wire.length + record.more === 0 ? make("p", {}, "No request arrived.") : null,
      record.more > 0 ? make("p", {}, `${record.more} more exchanges are not shown; the results file contains them.`) : null),
  ].filter((part) => part !== null);
}

/** The same fixture with each client; folded where there are many. */
function compared(others, cells) {
  const counts = new Map();
  for (const cell of cells) {
    if (cell) counts.set(cell.button.textContent, (counts.get(cell.button.textContent) ?? 0) + 1);
  }
  const all = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(" · ");
  return make("details", { open: others.length <= 5 || shows("details") },
    make("summary", {}, `All clients: ${all}`), make("ul", { className: "others" }, others));
}

/** Whether something in the sheet that is about to go is unfolded. */
const shows = (selector) => detail.querySelector(selector)?.open ?? false;

/** The next row, among those that the filters leave, in which the client has a cell. */
function step(at, column, by) {
  for (let next = at + by; next >= 0 && next < rows.length; next += by) {
    const cell = rows[next].cells[column];
    const passesFilter = cell && rows[next].found && matches(rows[next], cell);
    if (passesFilter) return next;
  }
  return null;
}

let opened = null;

function follow() {
  const hash = location.hash;
  if (hash === "#fixtures" || hash === "#findings" || hash === "") view(hash === "#fixtures" ? "fixtures" : "findings");
  const to = named(hash);
  if (!to) {
    if (detail.open) detail.close();
    return;
  }
  const focused = document.activeElement;
  const button = ["before", "after"].find((name) => focused?.className === name) ?? "after";
  const isNew = !detail.open;
  const isFinding = to.finding !== undefined;
  byId("sheet").replaceChildren(...(isFinding ? findingSheet(to.finding, to.column) : sheet(to.row, to.column)));
  opened = to;
  if (isNew) detail.showModal();
  detail.scrollTop = 0;
  // A dialog's title is read when it opens, and not when it changes.
  byId("moved").textContent = isNew ? "" : isFinding ? findings[to.finding].id : spoken(to);
  (detail.querySelector(`nav .${button}:enabled`) ?? detail.querySelector("nav .close")).focus();
}

function spoken({ row, column }) {
  const { fixture, cells } = rows[row];
  return `${fixture.id}, ${data.clients[column].name}: ${cells[column].button.textContent}`;
}

detail.addEventListener("close", () => {
  const to = opened;
  opened = null;
  if (named(location.hash)) {
    history.replaceState(null, "", location.pathname + location.search + (shownView === "fixtures" ? "#fixtures" : ""));
  }
  if (!to) return;
  if (to.finding !== undefined) {
    if (shownView === "findings") findingLink(to.finding, to.column)?.focus();
    return;
  }
  if (shownView !== "fixtures") return;
  const { cells, group } = rows[to.row];
  folded().delete(group);
  show();
  cells[to.column].button.focus();
});
detail.addEventListener("click", (event) => {
  if (event.target === detail) detail.close();
});
matrix.addEventListener("click", (event) => {
  const button = event.target.closest("tr.fixture td > button");
  if (!button) return;
  const row = rows.find((of) => of.row === button.parentNode.parentNode);
  location.hash = address(button.parentNode.cellIndex - 1, row.fixture);
});
addEventListener("hashchange", follow);
view(named(location.hash)?.row === undefined ? "findings" : "fixtures");
follow();
