// The keyboard of the panel, the next case fetched before it is asked for, and a heartbeat for the one that is held.
// Without this file every screen still works: each key presses a button or follows a link that is there anyway.
"use strict";

const HEARTBEAT = 180_000; // of a lease of ten minutes
let ahead = null; // {id, main}: the screen of the case that will come next
let beating = null;
const uncovered = {}; // how much was today, in words: of the dark lane, and of the others
let going = false; // `g` was pressed: the next letter names a screen

const one = (selector) => document.querySelector(selector);
const seen = (found) => (found && found.checkVisibility() ? found : null);
const post = (address, form, more = []) =>
  fetch(address, {
    method: "POST",
    body: new URLSearchParams([...new FormData(form), ...more]),
    headers: { Accept: "application/json" },
  });

// --- lists ----------------------------------------------------------------------------------------

function choose(step) {
  const all = [...document.querySelectorAll("[data-row]")];
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
  seen(found)?.click();
}

// --- from case to case ----------------------------------------------------------------------------

function complain(sentence) {
  const place = seen(one(".deciding"))?.querySelector("[data-problem]") ?? one("[data-alert]");
  place.textContent = sentence;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

// What a form answers to a script. Signed out meanwhile, or a second factor is due: the page says so when it is loaded.
async function told(address, form, more = []) {
  const trouble = { ok: false, error: one("[data-alert]").dataset.trouble };
  let answer;
  try {
    answer = await post(address, form, more);
  } catch {
    return trouble;
  }
  if (answer.status >= 500) return trouble;
  if (answer.redirected) {
    location.reload();
    return null;
  }
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return trouble;
  return { ok: answer.ok, status: answer.status, ...(await answer.json()) };
}

// Do one thing at a time: a second press while the first is on its way changes nothing.
async function busy(form, work) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } finally {
    delete form.dataset.busy;
    for (const button of buttons) button.disabled = false;
  }
}

function next() {
  const form = one("header form.next");
  if (!form) return;
  busy(form, async () => {
    const answer = await told(form.action, form);
    if (!answer) return;
    if (!answer.ok) return complain(answer.error);
    if (answer.case) go(answer, new URL(`../../cases/${answer.case}/`, form.action));
    else location.assign(new URL("../", form.action));
  });
}

function decide(form) {
  busy(form, async () => {
    const answer = await told(form.getAttribute("action"), form); // fields of it are called action too
    if (!answer) return;
    if (!answer.ok) return complain(answer.error);
    remember(form);
    go(answer, new URL(answer.address, location.href));
  });
}

function letGo(form) {
  busy(form, async () => {
    const answer = await told(form.action, form);
    if (!answer) return;
    if (!answer.ok) return complain(answer.error);
    go(answer, new URL(answer.address, location.href));
  });
}

// Go to a case that is ours by now: at once, if it was fetched before.
function go(answer, address) {
  if (!answer.case || ahead?.id !== String(answer.case)) return location.assign(address);
  one("main").replaceWith(ahead.main);
  history.pushState({}, "", address);
  // The fetched screen shows the case as one that nobody holds.
  const held = one(".case");
  held.dataset.mine = "yes";
  for (const field of held.querySelectorAll("input[name=version]")) field.value = answer.version;
  const chip = held.querySelector("[data-state]");
  chip.textContent = chip.dataset.held;
  one("[data-claiming]").hidden = true;
  one("[data-form]").hidden = false;
  const after = one("[data-after]");
  after.hidden = !answer.undo;
  if (answer.undo) {
    after.action = answer.undo;
    after.querySelector("[data-done]").textContent = answer.done;
  }
  one("[data-alert]").hidden = true;
  document.title = document.title.replace(/\d+/, answer.case);
  // The focus alone would scroll past what can be undone, and hide the title behind the header.
  one("main").focus({ preventScroll: true });
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

function begin() {
  clearInterval(beating);
  const held = one(".case");
  if (!held) return;
  if (held.dataset.next) fetchAhead(held.dataset.next);
  if (sessionStorage.getItem("open") && held.dataset.lane !== "dark") uncover(true);
  if (uncovered[isDark()]) one("[data-seen]").textContent = uncovered[isDark()];
  recall();
  if (held.dataset.mine !== "yes") return;
  const form = one("form[data-heartbeat]");
  beating = setInterval(() => document.hidden || beat(form), HEARTBEAT);
}

async function beat(form) {
  const answer = await post(form.dataset.heartbeat, form);
  if (answer.status !== 409) return;
  clearInterval(beating);
  complain(form.dataset.lost);
}

// --- looking at it --------------------------------------------------------------------------------

function uncover(open) {
  const covers = [...document.querySelectorAll("[data-cover]")];
  const wanted = open ?? !covers.some((cover) => cover.open);
  for (const cover of covers) cover.open = wanted;
}

// For this tab and until it is closed; never in the dark lane, and pictures stay blurred.
function keepOpen() {
  const open = !sessionStorage.getItem("open");
  if (open) sessionStorage.setItem("open", "yes");
  else sessionStorage.removeItem("open");
  if (one(".case")?.dataset.lane !== "dark") uncover(open);
}

function clear() {
  veil([...document.querySelectorAll("[data-cover][open] .exhibit:has([data-veil])")]);
}

const isDark = () => one(".case")?.dataset.lane === "dark";
const medium = (exhibit) => exhibit.querySelector("[data-veil]").value;

// Blur what is clear. Else have it counted first, and show what may be seen today.
function veil(exhibits) {
  const shown = exhibits.filter((exhibit) => exhibit.classList.contains("clear"));
  for (const exhibit of shown) exhibit.classList.remove("clear");
  if (shown.length || !exhibits.length) return;
  const form = one("#uncover");
  busy(form, async () => {
    const answer = await told(form.action, form, exhibits.map((exhibit) => ["medium", medium(exhibit)]));
    if (!answer) return;
    for (const exhibit of exhibits) exhibit.classList.toggle("clear", Boolean(answer.clear?.includes(medium(exhibit))));
    if (answer.seen) one("[data-seen]").textContent = uncovered[isDark()] = answer.seen;
    if (!answer.error) return;
    complain(answer.error);
    if (answer.ok || answer.status === 429) exhibits.forEach(takeAway);
  });
}

// Past the day's limit nothing that was not counted stays in the page, blurred or not.
function takeAway(exhibit) {
  if (exhibit.classList.contains("clear")) return;
  for (const shown of exhibit.querySelectorAll("img, video, audio")) {
    shown.removeAttribute("src");
    shown.removeAttribute("poster");
  }
}

async function see() {
  const form = seen(one("form[data-preview]")), shown = one("[data-statement]");
  if (!form) return;
  const answer = await told(form.dataset.preview, form);
  if (!answer) return;
  const text = shown.querySelector("pre");
  text.textContent = answer.text ?? answer.error;
  text.lang = answer.language ?? "";
  text.dir = answer.direction ?? "auto";
  shown.hidden = false;
  shown.scrollIntoView({ block: "nearest" });
}

// --- reasons --------------------------------------------------------------------------------------

// One's own last words under a policy, kept in this tab alone, to begin from where cases are alike.
const drawer = () => `reasons ${one("#policy").value}`;

function remember(form) {
  if (!one("#policy") || form.querySelector("[value=dismiss]:checked")) return;
  const kept = { facts: one("#facts").value, explanation: one("#explanation").value };
  sessionStorage.setItem(drawer(), JSON.stringify(kept));
}

function recall() {
  const hint = one("[data-again]");
  if (hint) hint.hidden = !sessionStorage.getItem(drawer());
}

function again() {
  const kept = seen(one("#policy")) && JSON.parse(sessionStorage.getItem(drawer()));
  if (!kept) return;
  for (const name of ["facts", "explanation"]) {
    const field = one(`#${name}`);
    if (!field.value) field.value = kept[name];
  }
  one("#facts").focus();
}

// The first field to write in; where it is folded away, unfold it.
function write() {
  const folded = one("[data-writing]");
  if (folded) folded.open = true;
  (seen(one("#facts")) ?? seen(one("#explanation")) ?? folded?.querySelector("select, input:not([type=hidden])"))?.focus();
}

// Unfold something, see all of it, and write in its first field.
function unfold(selector) {
  const box = seen(one(selector));
  if (!box) return;
  box.open = true;
  box.scrollIntoView({ block: "nearest" });
  box.querySelector("input:not([type=hidden]), textarea").focus({ preventScroll: true });
}

// --- keys -----------------------------------------------------------------------------------------

const KEYS = {
  j: () => choose(1),
  k: () => choose(-1),
  Enter: () => press("[data-open]"),
  c: () => press("[data-claim]"),
  n: next,
  v: () => uncover(),
  V: keepOpen,
  b: clear,
  o: () => seen(one("#policy"))?.focus(),
  d: write,
  r: again,
  p: see,
  u: () => seen(one("[data-undo]"))?.click(),
  s: () => unfold("[data-release]"),
  h: () => unfold("[data-hand]"),
  m: () => unfold("[data-note]"),
  g: () => (going = true),
  "?": () => one("[data-keys]")?.showModal(),
};

// The key by its place where the layout has other signs there: Arabic letters, the accents of a French row of digits.
function named(event) {
  const place = /^(Key|Digit)(.)$/.exec(event.code ?? "");
  if (place?.[1] === "Digit" && !event.shiftKey) return place[2];
  if (event.key === "؟") return "?";
  if (event.key.length > 1 || event.key < "\x7f" || !place) return event.key;
  return event.shiftKey ? place[2] : place[2].toLowerCase();
}

document.addEventListener("keydown", (event) => {
  if (one("[data-keys]")?.open) return;
  const typing = event.target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");
  if (event.key === "Escape") return event.target.blur?.();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form") ?? seen(one("form[data-decide]"));
    event.preventDefault();
    return form?.requestSubmit();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = named(event);
  if (going) {
    going = false;
    const screen = /^[a-z]$/.test(key) ? one(`[data-go=${key}]`) : null;
    event.preventDefault();
    return screen?.click();
  }
  const digit = /^[0-9wx]$/.test(key) ? seen(one(`[data-digit="${key}"]`)) : null;
  if (digit) digit.checked = true;
  else if (KEYS[key] && !(key === "Enter" && event.target.matches("a, button, summary"))) KEYS[key]();
  else return;
  event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".case form[data-decide], .case [data-release] form, header form.next")) return;
  event.preventDefault();
  if (form.matches(".next")) next();
  else if (form.closest("[data-release]")) letGo(form);
  else decide(form);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-see]")) see();
  if (event.target.closest("[data-help]")) one("[data-keys]").showModal();
  const veiled = event.target.closest("[data-veil]");
  if (!veiled) return;
  event.preventDefault();
  veil([veiled.closest(".exhibit")]);
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "policy") return;
  const text = one("[data-policy-text]");
  if (text) text.textContent = event.target.selectedOptions[0].dataset.text;
  recall();
});

addEventListener("popstate", () => location.reload());
addEventListener("DOMContentLoaded", begin);
