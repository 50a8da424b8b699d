const BEFORE = ["notices", "policy", "checks", "prices", "access"]; // these are read before the changes; all others at the end

function drawSections() {
  for (const [place, wanted] of [["before", true], ["after", false]]) {
    $(place).replaceChildren(...(data.sections || []).filter((one) => BEFORE.includes(one.id) === wanted).map(section));
  }
}

function section(one) {
  return el("section", { class: "panel", id: one.id, "aria-labelledby": `${one.id}-title` }, heading(`section.${one.id}`, one.id),
    one.table ? table(one.table) : "",
    el("ul", { class: "lines" }, (one.lines || []).map((line) => el("li", { class: line.tone },
      line.badge ? el("span", { class: `chip ${line.tone || "note"}` }, t(line.badge, line.more || {})) : "",
      el("span", { class: "text" }, line.text ? el("bdi", {}, line.text) : "", line.detail ? el("span", { class: "quiet" }, el("bdi", {}, line.detail)) : ""),
      where(line.place)))));
}

/** Columns are keys of the texts; all but the first are numbers. */
function table(one) {
  const head = one.columns.map((key) => el("th", { scope: "col", "data-t": key }, t(key)));
  const body_ = one.rows.map((row) => el("tr", {}, row.map((text, place) => el(place ? "td" : "th", place ? {} : { scope: "row" }, el("bdi", {}, text)))));
  return el("div", { class: "scroll flat", tabindex: "0", role: "group", "aria-labelledby": "prices-title" },
    el("table", { class: "diff amounts" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body_)));
}
