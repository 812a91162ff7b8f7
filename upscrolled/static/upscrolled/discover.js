// Draws a page of discover again, in the reader's browser: the receipt says from which pool and with which nonce, the pool is
// fetched as it was published, and what comes out is compared with the page slot by slot (docs/ranking.md). Nothing of
// ours but this file runs; docs/verify/discover.py does the same on anybody's own machine.
"use strict";

(() => {
  const M64 = (n) => BigInt.asUintN(64, n);
  const ROW = 37, HEAD = 44, CLOSE = 1e-9;

  function mix(z) {
    z = M64(z + 0x9E3779B97F4A7C15n);
    z = M64((z ^ (z >> 30n)) * 0xBF58476D1CE4E5B9n);
    z = M64((z ^ (z >> 27n)) * 0x94D049BB133111EBn);
    return z ^ (z >> 31n);
  }

  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const number = (bytes) => new DataView(bytes.buffer).getBigUint64(0);
  const chanceOf = (mixed, id) => (Number(mix(id ^ mixed) >> 12n) + 0.5) * 2 ** -52;

  function read(bytes) {
    const view = new DataView(bytes.buffer), rows = [];
    for (let at = HEAD; at < bytes.length; at += ROW) {
      rows.push({
        id: view.getBigUint64(at, true), author: view.getBigUint64(at + 8, true),
        likes: view.getUint32(at + 16, true), comments: view.getUint32(at + 20, true),
        shares: view.getUint32(at + 24, true), base: view.getFloat64(at + 28, true), part: view.getUint8(at + 36),
      });
    }
    return rows;
  }

  // A base that is not what its counts give would be a boost.
  function boosted(rows, w) {
    return rows.find((row) => {
      const tickets = 1 + w.w_like * row.likes + w.w_comment * row.comments + w.w_share * row.shares;
      const due = Math.log(tickets) + (Number(row.id >> 16n) - w.origin_ms) / (w.half_life_ms / Math.LN2);
      return Math.abs(row.base - due) > CLOSE;
    });
  }

  function lane(name, rows, seed, gone, w) {
    const popular = name === "popular", mixed = mix(popular ? seed : mix(seed)), found = [];
    for (const row of rows) {
      if (!(row.part & (popular ? 1 : 2)) || gone.has(row.id)) continue;
      const u = chanceOf(mixed, row.id);
      found.push({ row, lane: name, score: popular ? row.base - w.temperature * Math.log(-Math.log(u)) : u });
    }
    return found.sort((a, b) => b.score - a.score || (b.row.id > a.row.id ? 1 : -1));
  }

  function firstPage(rows, seed, gone, w) {
    const lanes = [lane("popular", rows, seed, gone, w), lane("fresh", rows, seed, gone, w)];
    const placed = new Set(), held = new Map(), page = [];
    for (let slot = 1; slot <= w.page; slot++) {
      const order = slot % w.fresh_every ? lanes : [lanes[1], lanes[0]];
      const fits = (item) => !placed.has(item.row.id) && (held.get(item.row.author) || 0) < w.author_cap;
      const item = order[0].find(fits) || order[1].find(fits);
      if (!item) break;
      page.push(item);
      placed.add(item.row.id);
      held.set(item.row.author, (held.get(item.row.author) || 0) + 1);
    }
    return page;
  }

  // The first page of the draw that a receipt speaks of, out of the bytes of a pool; or what is wrong with these.
  async function drawAgain(receipt, bytes) {
    const digest = await sha256(bytes);
    if (hex(digest) !== receipt.pool) return { page: [], wrong: "digest" };
    const rows = read(bytes), bent = boosted(rows, receipt.constants);
    if (bent) return { page: [], wrong: `base ${bent.id}` };
    const text = new TextEncoder();
    const drawn = new Uint8Array([...text.encode("upscrolled-discover-1"), ...digest, ...text.encode(receipt.nonce)]);
    const gone = new Set(Object.values(receipt.removed).flat().map(BigInt));
    return { page: firstPage(rows, number(await sha256(drawn)), gone, receipt.constants), wrong: "" };
  }

  async function poolOf(receipt) {
    const answer = await fetch(`/api/v1/upscrolled/discover/pools/${receipt.pool}`);
    if (!answer.ok) throw new Error(`pool ${receipt.pool}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  function same(said, item) {
    return said !== undefined && item !== undefined && said.id === String(item.row.id) && said.lane === item.lane
      && Math.abs(said.score - item.score) < CLOSE;
  }

  function cell(line, text) {
    line.appendChild(document.createElement("td")).textContent = text;
  }

  function show(table, receipt, page) {
    const body = table.tBodies[0];
    body.replaceChildren();
    const slots = Math.max(receipt.items.length, page.length);
    for (let at = 0; at < slots; at++) {
      const said = receipt.items[at], item = page[at], line = body.insertRow();
      cell(line, String(at + 1));
      cell(line, said ? said.id : "–");
      cell(line, item ? String(item.row.id) : "–");
      cell(line, item ? item.score.toFixed(6) : "–");
      cell(line, same(said, item) ? "✓" : "✗");
    }
    table.hidden = slots === 0;
    return slots === receipt.items.length && receipt.items.every((said, at) => same(said, page[at]));
  }

  async function run(form) {
    const told = form.querySelector("output"), words = form.dataset, table = document.getElementById("drawn");
    told.textContent = words.wait;
    if (!globalThis.crypto || !crypto.subtle) { told.textContent = words.insecure; return; }
    try {
      const nonce = form.elements.nonce.value;
      const answer = await fetch(`/api/v1/upscrolled/discover?nonce=${encodeURIComponent(nonce)}`);
      const asked = await answer.json();
      if (!answer.ok) { told.textContent = asked.error; return; }
      const { page, wrong } = await drawAgain(asked.receipt, await poolOf(asked.receipt));
      const fits = show(table, asked.receipt, page) && !wrong;
      told.textContent = fits ? words.same : `${words.differs} ${wrong}`;
      told.className = fits ? "fits" : "differs";
    } catch (error) {
      told.textContent = `${words.failed} ${error.message}`;
    }
  }

  if (typeof module !== "undefined") { // read by the tests, outside of a browser
    module.exports = { drawAgain, same };
    return;
  }
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("draw");
    form.hidden = false;
    form.elements.nonce.value = hex(crypto.getRandomValues(new Uint8Array(8)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form);
    });
  });
})();
