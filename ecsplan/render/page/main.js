const THEMES = ["auto", "light", "dark"];

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = `${t("theme")}: ${t(`theme.${name}`)}`;
}

function nextTheme() {
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
}

function setLanguage(name) {
  language = name;
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
  const other = name === "zh" ? "en" : "zh";
  $("language").textContent = data.texts[other].language;
  $("language").lang = other;
  setTheme(document.documentElement.dataset.theme);
  if ($("time")) $("time").textContent = duration(data.seconds || 0);
  draw();
  translate(document);
  drawNav();
}

function draw() {
  drawSections();
  drawChanges();
  redrawSteps();
}

function drawNav() {
  const found = [...document.querySelectorAll("main section.panel:not([hidden])")];
  $("nav").replaceChildren(...found.map((one) => el("a", { href: `#${one.id}` }, t(`section.${one.id}`))));
}

/** The next or previous change gets the focus; further ones are drawn on the way. */
function step(by) {
  const all = [...document.querySelectorAll("#list > details > summary")];
  const now = all.indexOf(document.activeElement);
  const next = now < 0 ? 0 : now + by;
  if (next === all.length) addRows(AGAIN);
  const target = document.querySelectorAll("#list > details > summary")[Math.max(0, next)];
  if (target) target.focus();
}

const KEYBOARD = {
  "/": () => $("search").focus(), j: () => step(1), k: () => step(-1), e: () => openAll(true), c: () => openAll(false),
  l: () => setLanguage(language === "zh" ? "en" : "zh"), t: nextTheme, "?": help,
};

function help() {
  const box = $("keys");
  const shown = ["/", "j", "k", "Enter", "e", "c", "l", "t", "Esc"];
  const close = button("close", () => box.close(), { class: "ghost" });
  box.replaceChildren(heading("help", "keys"), el("dl", {}, shown.map((key) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, t(`key.${key}`))))), close);
  if (!box.open) box.showModal();
}

function pressed(event) {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape" && !$("keys").open && (typing || filter.text)) { clearFilter(); return; }
  const action = KEYBOARD[event.key];
  if (!action || typing || event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  event.preventDefault();
  action();
}

/** On paper all that matches is there, and what a reader would open is open. */
function beforePrint() {
  addRows(matching.length);
  openAll(true, 300);
}

function copied() {
  const done = () => { $("copy").textContent = t("copied"); setTimeout(() => { $("copy").textContent = t("copy"); }, 1500); };
  if (navigator.clipboard) { navigator.clipboard.writeText($("digest").textContent).then(done, selected); } else { selected(); }
}

function selected() {
  getSelection().selectAllChildren($("digest"));
}

setLanguage(language);
$("language").addEventListener("click", () => setLanguage(language === "zh" ? "en" : "zh"));
$("theme").addEventListener("click", nextTheme);
$("print").addEventListener("click", () => window.print());
$("help").addEventListener("click", help);
$("copy").addEventListener("click", copied);
document.addEventListener("keydown", pressed);
window.addEventListener("beforeprint", beforePrint);
document.documentElement.dataset.ready = "true";
