// The keyboard of the panel, the next case fetched before it is asked for, and a heartbeat for the one that is held.
// Without this file every screen still works: each key presses a button or follows a link that is there anyway.
"use strict";

const HEARTBEAT = 180_000; // of a lease of ten minutes
let ahead = null; // {id, main}: the screen of the case that will come next
let beating = null;

const one = (selector) => document.querySelector(selector);
const post = (address, form) =>
  fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function choose(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("chosen"));
  all[at]?.classList.remove("chosen");
  const row = all[Math.min(all.length - 1, Math.max(0, at + step))];
  row.classList.add("chosen");
  row.focus();
}

function press(selector) {
  const chosen = one(".row.chosen");
  const found = chosen?.querySelector(selector) ?? (chosen ? null : one(`.case ${selector}`) ?? one(`main ${selector}`));
  if (found && found.offsetParent !== null) found.click();
}

async function next() {
  const form = one("header form.next");
  const answer = await post(form.action, form);
  const told = answer.ok ? await answer.json() : null;
  if (told?.case && ahead?.id === String(told.case)) return show(told);
  if (told?.case) location.assign(new URL(`../../cases/${told.case}/`, form.action));
  else if (told) location.assign(new URL("../", form.action));
  else form.submit();
}

// The fetched screen showed the case as one that nobody holds; by now it is ours.
function show(told) {
  one("main").replaceWith(ahead.main);
  const address = new URL(`../../cases/${told.case}/`, one("header form.next").action);
  history.pushState({}, "", address);
  const held = one(".case");
  held.dataset.mine = "yes";
  for (const field of held.querySelectorAll("input[name=version]")) field.value = told.version;
  one("[data-claiming]").hidden = true;
  one("[data-form]").hidden = false;
  scrollTo(0, 0);
  begin();
}

async function fetchAhead(id) {
  ahead = null;
  const answer = await fetch(new URL(`../${id}/`, location.href));
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  ahead = { id, main: document.importNode(page.querySelector("main"), true) };
}

async function see() {
  const form = one("form[data-preview]"), shown = one("[data-statement]");
  if (!form) return;
  const answer = await post(form.dataset.preview, form);
  const told = await answer.json();
  const text = shown.querySelector("pre");
  text.textContent = told.text ?? told.error;
  text.lang = told.language ?? "";
  text.dir = told.direction ?? "auto";
  shown.hidden = false;
  shown.scrollIntoView({ block: "nearest" });
}

function begin() {
  clearInterval(beating);
  const held = one(".case");
  if (!held) return;
  if (held.dataset.next) fetchAhead(held.dataset.next);
  if (held.dataset.mine !== "yes") return;
  const form = one("form[data-heartbeat]");
  beating = setInterval(() => document.hidden || post(form.dataset.heartbeat, form), HEARTBEAT);
}

const KEYS = {
  j: () => choose(1),
  k: () => choose(-1),
  Enter: () => press("[data-open]"),
  c: () => press("[data-claim]"),
  n: next,
  v: () => document.querySelectorAll("[data-cover]").forEach((cover) => (cover.open = !cover.open)),
  d: () => one("#facts")?.focus(),
  p: see,
  s: () => {
    const box = one("[data-release]");
    if (box) box.open = true;
    one("#reason")?.focus();
  },
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");
  if (event.key === "Escape") return event.target.blur?.();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form") ?? one("form[data-decide]");
    event.preventDefault();
    return form?.requestSubmit();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const digit = /^[0-9]$/.test(event.key) ? one(`[data-digit="${event.key}"]`) : null;
  if (digit && digit.offsetParent !== null) digit.checked = true;
  else if (KEYS[event.key] && !(event.key === "Enter" && event.target.matches("a, button, summary"))) KEYS[event.key]();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-see]")) see();
  event.target.closest("[data-veil]")?.classList.toggle("clear");
  if (event.target.closest("header form.next button")) {
    event.preventDefault();
    next();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "policy") return;
  const text = one("[data-policy-text]");
  if (text) text.textContent = event.target.selectedOptions[0].dataset.text;
});

addEventListener("popstate", () => location.reload());
addEventListener("DOMContentLoaded", begin);
