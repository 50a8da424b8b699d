const LEGIBLE = 0.8; // the zoom below which labels are hard to read

function drawTimeline() {
  const panel = $("timeline");
  panel.hidden = !steps.length;
  if (!steps.length) return;
  const nodes = nodesOf().nodes.filter((node) => node.calls).sort((a, b) => a.starts - b.starts || a.ends - b.ends);
  const end = Math.max(data.seconds || 0, ...nodes.map((node) => node.ends), 1);
  panel.replaceChildren(heading("section.timeline", "timeline"), el("p", { class: "quiet" }, t("timeline.about", { time: duration(data.seconds || 0) })),
    el("div", { class: "gantt", role: "table", "aria-label": t("section.timeline") }, axis(end), nodes.slice(0, 300).map((node) => bar(node, end))));
}

/** Round numbers of seconds, minutes or hours, about six of them. */
function ticks(end) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600].find((one) => end / one <= 6) || end / 6;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, place) => place * step);
}

function axis(end) {
  const marks = ticks(end).map((second) => {
    const mark = el("span", { class: "tick" }, duration(second));
    mark.style.left = `${(second / end) * 100}%`;
    return mark;
  });
  return el("div", { class: "gantt-row axis", role: "row" }, el("span", { role: "columnheader", "data-t": "step" }, t("step")), el("span", { class: "track", role: "columnheader" }, marks));
}

function bar(node, end) {
  const mark = el("span", { class: `fillbar${node.critical ? " critical" : ""}${node.impact ? " stops" : ""}` });
  mark.style.left = `${(node.starts / end) * 100}%`;
  mark.style.width = `${Math.max(0.4, ((node.ends - node.starts) / end) * 100)}%`;
  const waves = node.waves.length === 1 ? t("wave", { number: node.waves[0] }) : "";
  const spoken = `${t("starts")} ${duration(node.starts)}, ${t("takes")} ${duration(node.ends - node.starts)}${node.critical ? `, ${t("critical")}` : ""}`;
  return el("div", { class: "gantt-row", role: "row" },
    el("span", { class: "gantt-label", role: "cell" }, el("b", {}, node.verb), " ", el("code", {}, el("bdi", {}, node.label)), node.count > 1 ? ` ×${format(node.count)}` : "", waves ? el("span", { class: "quiet" }, ` ${waves}`) : ""),
    el("span", { class: "track", role: "cell", "aria-label": spoken, title: spoken }, mark));
}

function redrawSteps() {
  zoom = 1;
  chosen = null;
  drawGraph();
  drawTimeline();
  if (steps.length) fit(LEGIBLE);
}
