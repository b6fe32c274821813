import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { load } from "./world.mjs";

const { phase } = await load("monitor.js");
const { cases } = JSON.parse(readFileSync(new URL("../vectors/phases.json", import.meta.url)));

for (const { name, status, asked_at, then } of cases)
  test(`the vectors: ${name}`, () => {
    for (const { now, ...expected } of then) {
      const { next_ms, ...got } = phase(status, now - asked_at);

      assert.deepEqual(got, expected);
    }
  });

test("the next change is at the warning, then at the end, then never", () => {
  const status = { idle_ms: 100, absolute_ms: 500, warn_ms: 30 };

  const next = [0, 69, 70, 99, 100, 101].map((elapsed) => phase(status, elapsed).next_ms);

  assert.deepEqual(next, [70, 1, 30, 1, 0, 0]);
});

test("it imports nothing, so that it can be read next to its Python twin", () => {
  const source = readFileSync(
    new URL("../../src/nightlatch/static/nightlatch/monitor.js", import.meta.url),
    "utf8",
  );

  assert.doesNotMatch(source, /^import/m);
});
