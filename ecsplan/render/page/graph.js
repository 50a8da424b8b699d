const WIDE = 208;
const HIGH = 46;
const GAP = { x: 72, y: 14 };
const MOST_DRAWN = 400;

let zoom = 1;
let chosen = null;

function drawGraph() {
  const panel = $("graph");
  const whole = nodesOf();
  const nodes = [...whole.nodes].sort((a, b) => a.layer - b.layer).slice(0, MOST_DRAWN);
  const kept = new Set(nodes);
  for (const node of nodes) node.needs = new Set([...node.needs].filter((need) => kept.has(need)));
  const left = whole.nodes.length - nodes.length;
  const about = steps.length ? t("graph.about", { steps: steps.length, layers: whole.layers }) : t("no_steps");
  panel.replaceChildren(heading("section.graph", "graph"),
    el("p", { class: "quiet" }, about, " ", whole.folded ? t("graph.folded") : "", " ", left ? t("graph.too_many", { left }) : "",
      " ", data.rescues ? t("rescues", { count: data.rescues }) : ""));
  panel.hidden = !steps.length;
  if (steps.length) panel.append(graphTools(), drawing(nodes), el("div", { id: "step", "aria-live": "polite" }));
}

function graphTools() {
  return el("div", { class: "line tools" },
    button("zoom.out", () => scale(zoom / 1.25), { class: "ghost small" }), button("zoom.in", () => scale(zoom * 1.25), { class: "ghost small" }),
    button("zoom.fit", () => fit(), { class: "ghost small" }),
    opened.size ? button("graph.fold", () => { opened.clear(); redrawSteps(); }, { class: "ghost small", id: "fold" }) : "");
}

function drawing(nodes) {
  const columns = columnsOf(nodes);
  const most = Math.max(...columns.map((column) => column.length));
  const width = columns.length * (WIDE + GAP.x) - GAP.x + 24;
  const height = most * (HIGH + GAP.y) - GAP.y + 24;
  columns.forEach((column, place) => column.forEach((node, row) => {
    node.x = 12 + place * (WIDE + GAP.x);
    node.y = 12 + (row + (most - column.length) / 2) * (HIGH + GAP.y);
  }));
  const edges = nodes.flatMap((node) => [...node.needs].map((need) => edge(need, node)));
  const image = svg("svg", { id: "net", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": t("section.graph") },
    svg("g", { class: "edges", "aria-hidden": "true" }, edges.map((one) => one.path)), svg("g", {}, nodes.map((node) => box(node, edges))));
  return el("div", { class: "net", tabindex: "0", role: "group", "aria-label": t("section.graph") }, image);
}

function edge(from, to) {
  const [x, y] = [from.x + WIDE, from.y + HIGH / 2];
  const [u, v] = [to.x, to.y + HIGH / 2];
  const bend = Math.min(90, Math.max(GAP.x / 2, (u - x) / 2));
  const path = svg("path", { d: `M${x} ${y}C${x + bend} ${y} ${u - bend} ${v} ${u} ${v}`, class: from.critical && to.critical ? "critical" : undefined });
  return { from, to, path };
}

function box(node, edges) {
  const name = `${node.verb} ${node.label}${node.count > 1 ? ` ×${node.count}` : ""}`;
  const group = svg("g", { class: `node verb-${node.verb}${node.critical ? " critical" : ""}${node.calls ? "" : " barrier"}`, transform: `translate(${node.x} ${node.y})`, tabindex: "0", role: "button", "aria-label": name },
    svg("title", {}, name),
    node.count > 1 ? svg("rect", { x: 4, y: 4, width: WIDE, height: HIGH, rx: 8, class: "behind" }) : "",
    svg("rect", { width: WIDE, height: HIGH, rx: 8 }), svg("rect", { width: 4, height: HIGH, rx: 2, class: "edge" }),
    svg("text", { x: 14, y: 19, class: "label" }, short(node.label, 26)),
    svg("text", { x: 14, y: 36, class: "quiet" }, `${node.verb} · ${duration(node.ends - node.starts)}`),
    node.count > 1 ? svg("text", { x: WIDE - 12, y: 36, class: "count", "text-anchor": "end" }, `×${format(node.count)}`) : "");
  const touch = (on) => {
    group.classList.toggle("near", on);
    for (const one of edges) if (one.from === node || one.to === node) one.path.classList.toggle("near", on);
  };
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) group.addEventListener(event, () => touch(on));
  const choose = () => tellStep(node, group);
  group.addEventListener("click", choose);
  group.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
  });
  return group;
}

function short(text, most) {
  const signs = [...text];
  return signs.length <= most ? text : `${signs.slice(0, most / 2).join("")}…${signs.slice(1 - most / 2).join("")}`;
}

function tellStep(node, group) {
  if (chosen) chosen.classList.remove("chosen");
  chosen = group;
  group.classList.add("chosen");
  const facts = [[t("starts"), duration(node.starts)], [t("takes"), duration(node.ends - node.starts)]];
  if (node.needs.size) facts.push([t("waits_for"), [...node.needs].slice(0, 8).map((need) => `${need.verb} ${need.label}`).join(", ")]);
  const shown = node.steps.slice(0, 20).map((place) => steps[place]);
  $("step").replaceChildren(el("div", { class: "card step" },
    el("p", {}, el("b", {}, node.verb), " ", el("code", {}, el("bdi", {}, node.label)), node.count > 1 ? ` ×${format(node.count)} ` : " ",
      node.critical ? chip("critical", "warn") : "", node.impact ? chip(`impact.${node.impact}`, impactTone(node.impact)) : ""),
    el("dl", { class: "facts" }, facts.map(([name, value_]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("bdi", {}, value_))))),
    shown.filter((step) => step.gate).map((step) => el("p", { class: "quiet" }, el("bdi", {}, step.gate))),
    shown.flatMap((step) => (step.calls || []).map((one) => call(one))),
    node.count > 1 ? button("graph.unfold", () => { opened.add(node.key); redrawSteps(); }, { class: "ghost small" }) : ""));
}

function call(one) {
  return el("details", { class: "call" }, el("summary", {}, el("code", {}, one.operation), " ", el("span", { class: "quiet" }, [one.product, one.note].filter(Boolean).join(" · "))),
    el("dl", { class: "params" }, (one.params || []).map(([name, text]) => el("div", {}, el("dt", {}, el("code", {}, name)), el("dd", {}, el("code", {}, el("bdi", {}, text)))))));
}

function scale(to) {
  const image = $("net");
  const [, , width, height] = image.getAttribute("viewBox").split(" ").map(Number);
  zoom = Math.min(2, Math.max(0.15, to));
  image.setAttribute("width", Math.round(width * zoom));
  image.setAttribute("height", Math.round(height * zoom));
}

/** As wide as the page, but no smaller than `least`. */
function fit(least = 0) {
  const image = $("net");
  const width = Number(image.getAttribute("viewBox").split(" ")[2]);
  scale(Math.max(least, Math.min(1, (image.parentNode.clientWidth - 2) / width)));
}
