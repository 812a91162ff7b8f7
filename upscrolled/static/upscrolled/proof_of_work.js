// Finds a number so that SHA-256 of "challenge:number" begins with so many zero bits (upscrolled/challenges.py).
// In slices on the page's own thread, while people fill in the form: no worker, no eval, no inline script.
"use strict";

(() => {
  const SLICE_MS = 12;
  const K = constants(64, 1 / 3);
  const START = constants(8, 1 / 2);

  // The first 32 bits of the fractional parts of roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3).
  function constants(count, power) {
    const words = [];
    for (let n = 2; words.length < count; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
      if (prime) words.push(((n ** power) % 1) * 2 ** 32 | 0);
    }
    return words;
  }

  const w = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  function compress(state, bytes, offset) {
    for (let i = 0; i < 16; i++) {
      const at = offset + 4 * i;
      w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
  }

  // Returns a function that takes a number and tells how many zero bits (32 at most) its digest begins with.
  function hasher(challenge) {
    const text = new TextEncoder();
    const prefix = text.encode(challenge + ":");
    const whole = prefix.length - (prefix.length % 64);
    let middle = START;
    for (let at = 0; at < whole; at += 64) middle = compress(middle, prefix, at);
    const rest = prefix.subarray(whole);
    return (number) => {
      const tail = text.encode(String(number));
      const length = rest.length + tail.length;
      const block = new Uint8Array(length + 9 > 64 ? 128 : 64);
      block.set(rest);
      block.set(tail, rest.length);
      block[length] = 0x80;
      new DataView(block.buffer).setUint32(block.length - 4, (whole + length) * 8);
      let state = compress(middle, block, 0);
      if (block.length > 64) state = compress(state, block, 64);
      return Math.clz32(state[0]);
    };
  }

  function solve(challenge, bits, done) {
    const zeros = hasher(challenge);
    let number = 0;
    const slice = () => {
      for (const end = Date.now() + SLICE_MS; Date.now() < end; ) {
        for (let i = 0; i < 64; i++, number++) if (zeros(number) >= bits) return done(String(number));
      }
      setTimeout(slice, 0);
    };
    slice();
  }

  if (typeof module !== "undefined") { // read by the tests, outside of a browser
    module.exports = { solve };
    return;
  }
  const place = document.getElementById("proof-of-work");
  const form = place.closest("form");
  const field = form.elements.solution;
  let wanted = false;
  form.addEventListener("submit", (event) => {
    if (field.value) return;
    event.preventDefault();
    wanted = true;
    place.querySelector("[data-busy]").hidden = false;
  });
  solve(place.dataset.challenge, Number(place.dataset.bits), (number) => {
    field.value = number;
    if (wanted) form.requestSubmit();
  });
})();
