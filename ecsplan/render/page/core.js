"use strict";
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const rows = data.rows || [];
const steps = data.steps || [];
const SVG = "http://www.w3.org/2000/svg";

let language = (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";

/** A text of the catalogue, with {name} filled from values. */
function t(key, values = {}) {
  const text = data.texts[language][key];
  return text === undefined ? key : text.replace(/\{(\w+)\}/g, (_, name) => format(values[name]));
}

function format(value) {
  return typeof value === "number" ? value.toLocaleString("en-US") : String(value);
}

/** An element. Text goes in as text: nothing here is ever read as markup. */
function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== "") node.append(child);
  }
  return node;
}

/** A button that does something; its words follow the language. */
function button(key, action, attributes = {}) {
  const node = el("button", { type: "button", "data-t": key, ...attributes }, t(key));
  node.addEventListener("click", action);
  return node;
}

function chip(key, tone) {
  return el("span", { class: `chip ${tone}`, "data-t": key }, t(key));
}

function impactTone(name) {
  if (["data_loss", "new_identity", "new_address"].includes(name)) return "danger";
  return ["reboot", "stop_start", "stop", "unplug"].includes(name) ? "warn" : "note";
}

function duration(seconds) {
  const zh = language === "zh";
  const unit = zh ? { s: " 秒", m: " 分", h: " 小时" } : { s: " s", m: " min", h: " h" };
  if (seconds < 10) return `${Math.round(seconds * 10) / 10}${unit.s}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${unit.s}`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${unit.m}` + (whole % 60 ? ` ${whole % 60}${unit.s}` : "");
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)}${unit.h}` + (minutes % 60 ? ` ${minutes % 60}${unit.m}` : "");
}

/** Everything that was written in one language, again in the current one. */
function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
}

function heading(key, id) {
  return el("h2", { id: `${id}-title`, "data-t": key }, t(key));
}

/** File and line, and the commit and the author of it. */
function where(place, commit = "") {
  return place || commit ? el("span", { class: "place" }, el("bdi", {}, place || ""), commit ? el("bdi", { class: "commit" }, commit) : "") : "";
}
