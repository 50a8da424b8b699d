const FIRST = 100; // rows that are drawn at once; more when the reader asks
const AGAIN = 200;
const MEMBERS = 100;

const filter = { text: "", kind: "", actions: new Set(), impacts: new Set() };
let matching = [];
let drawn = 0;
const bodies = new WeakMap(); // what fills a row, when it is opened first

function haystack(row) {
  if (row.words === undefined) {
    const own = row.members.map((one) => one.join(" ")).join("\n");
    row.words = `${row.label}\n${own}\n${row.place || ""} ${row.commit || ""}\n${row.reason || ""}`.toLowerCase();
  }
  return row.words;
}

function membersOf(row) {
  if (!filter.text || row.members.length === 1) return row.members;
  const found = row.members.filter((one) => one.join(" ").toLowerCase().includes(filter.text));
  return found.length ? found : row.members;
}

function matches(row) {
  return (!filter.kind || row.kind === filter.kind)
    && (!filter.actions.size || filter.actions.has(row.action))
    && (!filter.impacts.size || (row.impacts || ["none"]).some((name) => filter.impacts.has(name)))
    && (!filter.text || haystack(row).includes(filter.text));
}

function counted(values) {
  const found = new Map();
  for (const [value, count] of values) found.set(value, (found.get(value) || 0) + count);
  return found;
}

function drawChanges() {
  const panel = $("changes");
  panel.replaceChildren(heading("section.changes", "changes"), toolbar(), list());
  panel.setAttribute("aria-labelledby", "changes-title");
  panel.hidden = false;
  applyFilter();
}

function list() {
  const more = button("more", () => addRows(AGAIN), { id: "more", class: "wide", hidden: true });
  more.removeAttribute("data-t");
  return el("div", {}, el("div", { id: "list" }), more);
}

function toolbar() {
  const search = el("input", {
    id: "search", type: "search", autocomplete: "off", spellcheck: "false", placeholder: t("search"),
    "aria-label": t("search"),
  });
  search.value = filter.text;
  search.addEventListener("input", () => { filter.text = search.value.trim().toLowerCase(); applyFilter(); });
  return el("div", { class: "toolbar" },
    el("div", { class: "line" }, search, kinds(),
      button("expand", () => openAll(true), { class: "ghost" }), button("collapse", () => openAll(false), { class: "ghost" })),
    el("div", { class: "line" }, toggles("filter.action", "action", actionCounts(), filter.actions),
      toggles("filter.impact", "impact", impactCounts(), filter.impacts)),
    el("div", { class: "line" }, el("span", { id: "showing", "aria-live": "polite" }),
      button("filter.clear", clearFilter, { id: "clear", class: "link", hidden: true })));
}

function kinds() {
  const found = [...counted(rows.map((row) => [row.kind, row.members.length]))].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const select = el("select", { id: "kind", "aria-label": t("kind") }, el("option", { value: "", "data-t": "kind.all" }, t("kind.all")),
    found.map(([kind, count]) => el("option", { value: kind }, `${kind} (${format(count)})`)));
  select.value = filter.kind;
  select.addEventListener("change", () => { filter.kind = select.value; applyFilter(); });
  return select;
}

function actionCounts() {
  return counted(rows.map((row) => [row.action, row.members.length]));
}

function impactCounts() {
  return counted(rows.flatMap((row) => (row.impacts || ["none"]).map((name) => [name, row.members.length])));
}

/** Buttons that are pressed or not; several pressed ones show what has any of them. */
function toggles(key, prefix, counts, chosen) {
  const group = el("div", { class: "toggles", role: "group", "aria-label": t(key) });
  for (const [name, count] of counts) {
    const tone = prefix === "impact" ? impactTone(name) : `act-${name}`;
    const node = el("button", { type: "button", class: `chip toggle ${tone}`, "data-filter": `${prefix}.${name}`, "aria-pressed": String(chosen.has(name)) },
      el("span", { "data-t": `${prefix}.${name}` }, t(`${prefix}.${name}`)), el("b", {}, format(count)));
    node.addEventListener("click", () => {
      if (!chosen.delete(name)) chosen.add(name);
      node.setAttribute("aria-pressed", String(chosen.has(name)));
      applyFilter();
    });
    group.append(node);
  }
  return group;
}

function clearFilter() {
  filter.text = filter.kind = "";
  filter.actions.clear();
  filter.impacts.clear();
  const bar = document.querySelector("#changes .toolbar");
  bar.replaceWith(toolbar());
  applyFilter();
  $("search").focus();
}

function applyFilter() {
  matching = rows.filter(matches);
  drawn = 0;
  $("list").replaceChildren();
  addRows(FIRST);
  if (!matching.length && rows.length) $("list").append(el("p", { class: "quiet", "data-t": "none_match" }, t("none_match")));
  const shown = matching.reduce((sum, row) => sum + membersOf(row).length, 0);
  const all = rows.reduce((sum, row) => sum + row.members.length, 0);
  $("showing").textContent = t("showing", { shown, all });
  $("clear").hidden = !(filter.text || filter.kind || filter.actions.size || filter.impacts.size);
}

function addRows(count) {
  const piece = document.createDocumentFragment();
  for (const row of matching.slice(drawn, drawn + count)) piece.append(change(row));
  drawn = Math.min(drawn + count, matching.length);
  $("list").append(piece);
  const left = matching.length - drawn;
  $("more").hidden = !left;
  $("more").textContent = t("more", { count: Math.min(AGAIN, left) });
}

function change(row) {
  const shown = membersOf(row).length;
  const label = el("span", { class: "what" }, el("code", { class: "address" }, el("bdi", {}, row.label)),
    row.members.length > 1 && shown < row.members.length
      ? el("span", { class: "quiet" }, t("members.some", { count: shown, all: row.members.length })) : "",
    row.reason ? el("span", { class: "quiet" }, row.reason) : "");
  const node = el("details", { class: `change act-${row.action}` },
    el("summary", {},
      el("span", { class: "sign", "aria-hidden": "true" }, row.sign === " " ? "·" : row.sign),
      el("span", { class: "act", "data-t": `action.${row.action}` }, t(`action.${row.action}`)),
      label,
      el("span", { class: "chips" }, row.blocked ? chip("blocked", "danger") : "", (row.impacts || []).map((name) => chip(`impact.${name}`, impactTone(name)))),
      where(row.place, row.commit)));
  const ready = () => { if (!node.querySelector(".body")) node.append(body(row)); };
  node.addEventListener("click", ready, { once: true });
  node.addEventListener("toggle", ready, { once: true });
  bodies.set(node, ready);
  return node;
}

function body(row) {
  const box = el("div", { class: "body" });
  if (row.summary) box.append(el("p", { class: "quiet" }, el("bdi", {}, row.commit), ": ", el("bdi", {}, row.summary)));
  if (row.effect) box.append(el("p", { class: "effect" }, row.effect));
  const said = [...tell("loses", row.loses, "danger"), ...tell("blocked", row.blocked, "danger"), ...tell("note", row.notes, "note"),
    ...tell("was", row.was ? [row.was] : [], "note")];
  if (said.length) box.append(el("ul", { class: "said" }, said));
  if (row.attributes) box.append(attributes(row.attributes));
  if (row.members.length > 1 || row.members[0][1]) box.append(members(row));
  if (!box.childNodes.length) box.append(el("p", { class: "quiet" }, t("no_attributes")));
  return box;
}

function tell(key, texts, tone) {
  return (texts || []).map((text) => el("li", {}, chip(key, tone), el("bdi", {}, text)));
}

function attributes(found) {
  const body_ = el("tbody", {}, found.map((one) => attributeRow(one)));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("attribute") }, el("table", { class: "diff" }, el("thead", {}, el("tr", {},
    el("th", { "data-t": "attribute" }, t("attribute")), el("th", { "data-t": "before" }, t("before")),
    el("th", { "data-t": "after" }, t("after")), el("th", { "data-t": "because" }, t("because")))), body_));
}

const SIGNS = { "+": "add", "-": "remove", "~": "edit" };

function attributeRow(one) {
  const diff = one.diff ? el("pre", {}, one.diff.map((line) => el("span", { class: `l ${SIGNS[line[0]] || ""}` }, `${line}\n`))) : "";
  const told = [one.forces ? chip("forces", "danger") : "", ...(one.remarks || []).map((text) => el("span", { class: "remark" }, text)), where(one.place)];
  const cells = diff ? [el("td", { colspan: "2" }, diff)]
    : [el("td", { class: "old" }, value(one.before)), el("td", { class: "new" }, value(one.after))];
  return el("tr", { class: SIGNS[one.sign] }, el("th", { scope: "row" }, el("bdi", {}, one.name)), cells, el("td", { class: "why" }, told));
}

function value(text) {
  return text ? el("code", {}, el("bdi", {}, text)) : "";
}

function members(row) {
  const found = membersOf(row);
  const table = el("ul", { class: "members" });
  const add = (from, to) => {
    for (const [address, id, name, wave] of found.slice(from, to)) {
      table.append(el("li", {}, el("code", {}, el("bdi", {}, address)), id ? el("span", { class: "quiet" }, el("bdi", {}, name && name !== id ? `${id} · ${name}` : id)) : "",
        wave ? el("span", { class: "quiet" }, t("wave", { number: wave })) : ""));
    }
  };
  add(0, MEMBERS);
  if (found.length > MEMBERS) {
    const more = el("button", { type: "button", class: "link" }, t("more", { count: found.length - MEMBERS }));
    more.addEventListener("click", () => { add(MEMBERS); more.remove(); });
    return el("div", {}, table, more);
  }
  return table;
}

/** Opens rows or closes them; what is in them is there at once, as a printer does not wait. */
function openAll(open, most = Infinity) {
  for (const node of [...document.querySelectorAll("#list > details")].slice(0, most)) {
    if (open) bodies.get(node)();
    node.open = open;
  }
}
