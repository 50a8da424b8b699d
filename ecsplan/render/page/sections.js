const BEFORE = ["notices", "policy", "checks", "prices", "access"]; // these are read before the changes; all others at the end

function drawSections() {
  for (const [place, wanted] of [["before", true], ["after", false]]) {
    $(place).replaceChildren(...(data.sections || []).filter((one) => BEFORE.includes(one.id) === wanted).map(section));
  }
}

function section(one) {
  return el("section", { class: "panel", id: one.id, "aria-labelledby": `${one.id}-title` }, heading(`section.${one.id}`, one.id),
    el("ul", { class: "lines" }, one.lines.map((line) => el("li", { class: line.tone },
      line.badge ? el("span", { class: `chip ${line.tone || "note"}` }, t(line.badge, line.more || {})) : "",
      el("span", { class: "text" }, line.text ? el("bdi", {}, line.text) : "", line.detail ? el("span", { class: "quiet" }, el("bdi", {}, line.detail)) : ""),
      where(line.place)))));
}
