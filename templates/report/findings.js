
// The findings, a row each, and the two views: the page opens on this one.

const findingId = ({ defect, requirement }) => `${defect}/${requirement}`;
const findings = data.findings.map((finding) => ({ ...finding, id: findingId(finding) }));
const findingRows = [...document.querySelectorAll("#found tr.finding")];

const findingAddress = (index, column) =>
  `#${column === null ? "" : `${encodeURIComponent(data.clients[column].key)}/`}${findings[index]?.id ?? ""}`;

findingRows.forEach((row, index) => {
  const [head, ...cells] = row.cells;
  const id = head.querySelector(".id");
  id.replaceChildren(make("a", { href: findingAddress(index, null) }, ...id.childNodes));
  cells.forEach((cell, column) => {
    if (findings[index].shown[column].length === 0) return;
    // The row's own link is the tab stop: behind it are all clients.
    cell.replaceChildren(make("a", { href: findingAddress(index, column), tabIndex: -1 }, ...cell.childNodes));
  });
});

const findingLink = (index, column) => findingRows[index]?.cells[column === null ? 0 : column + 1].querySelector("a");

let shownView = "findings";

function view(name) {
  shownView = name;
  if (name === "fixtures") build();
  for (const section of ["findings", "fixtures"]) {
    byId(section).hidden = section !== name;
    byId(section).classList.toggle("shown", section === name);
  }
  for (const link of document.querySelectorAll("nav.views a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** How many fixtures of each level there are. */
function levels(fixtures) {
  const counts = ["must", "should"].map((level) => [fixtures.filter((at) => data.fixtures[at].level === level).length, level]);
  return counts.filter(([count]) => count > 0).map((part) => part.join(" ")).join(", ");
}

function findingSheet(index, column) {
  const { id, defect, requirement, heading, remark, shown } = findings[index];
  const whose = data.clients.flatMap((client, at) => (shown[at].length > 0 ? [at] : []));
  const first = column ?? whose[0];
  const right = data.clients.filter((client, at) => shown[at].length === 0);
  const go = (label, to) => make("button", {
    type: "button", disabled: !findings[to], className: to < index ? "before" : "after",
    onclick: () => location.replace(findingAddress(to, null)),
  }, label);
  return [
    make("nav", { "aria-label": "Findings" }, go("↑ Previous", index - 1), go("↓ Next", index + 1),
      make("button", { type: "button", className: "close", onclick: () => detail.close() }, "Close")),
    make("header", {},
      make("h2", { id: "detail-title" }, make("span", { className: "id" }, id), `It ${data.defects[defect]}`),
      make("p", { className: "facts" },
        data.clients.length === 1 ? null : make("span", {}, `${whose.length} of ${data.clients.length} clients`),
        make("span", {}, levels([...new Set(shown.flat())])))),
    section(heading, demand(requirement), remark === "" ? null : make("p", { className: "note" }, remark)),
    ...whose.map((at) => shownBy(index, at, at === first)),
    right.length === 0 ? null : section("Clients without this finding", make("p", {}, right.map(({ name, version }) => `${name} ${version}`).join(", "))),
  ].filter((part) => part !== null);
}

/** What a reader has to know of a client, and what it ran on. */
function about({ title, runtime }) {
  const known = [title, runtime].filter((it) => it !== "").join("; on ");
  return known === "" ? null : make("p", { className: "source" }, known);
}

/** What one client shows: the simplest fixture with its exchange, links to the others. */
function shownBy(index, column, isOpen) {
  const { id, shown } = findings[index];
  const client = data.clients[column];
  const [example, ...others] = shown[column];
  const fixture = data.fixtures[example];
  const cell = fixture.cells[column];
  const of = cell.mismatches.find((mismatch) => findingId(mismatch) === id);
  const wire = cell.wire.filter(({ step }) => step === of.step);
  const link = (at) => make("a", { href: address(column, data.fixtures[at]), className: "id" }, data.fixtures[at].id);
  return make("details", { open: isOpen, className: "by" },
    make("summary", {}, make("strong", {}, `${client.name} ${client.version}`), ` ${levels(shown[column])}`),
    about(client),
    make("p", {}, link(example), " ", prose(fixture.title), make("span", { className: "level" }, ` ${fixture.level}`)),
    make("div", { className: "mismatch" }, pair(of)),
    cell.known === undefined ? null : make("p", { className: "note" }, `Known failure: ${text(cell.known)}`),
    wire.map(exchange),
    others.length === 0 ? null : make("p", { className: "ids" }, "Also ", others.flatMap((at, place) => [place > 0 ? ", " : "", link(at)])),
    make("p", { className: "source" }, "To reproduce: ", make("code", {}, `attachset replay ${fixture.id}`)));
}
