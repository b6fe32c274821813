import assert from "node:assert/strict";
import test from "node:test";
import { clock, HOUR, load, MINUTE } from "./world.mjs";

const { stopwatch } = await load("monitor.js");

test("both clocks go on: either one's count", async () => {
  const { advance } = clock();
  const since = stopwatch();

  await advance(MINUTE);

  assert.equal(since(), MINUTE);
});

test("the laptop slept: the wall clock's count", () => {
  const { jump } = clock();
  const since = stopwatch();

  jump(2 * HOUR);

  assert.equal(since(), 2 * HOUR);
});

test("the wall clock was set back: the monotonic clock's count", async () => {
  const { advance, jump } = clock();
  const since = stopwatch();

  jump(-HOUR);
  await advance(MINUTE);

  assert.equal(since(), MINUTE);
});

test("what is already old is counted from its beginning", async () => {
  const { advance } = clock();
  const since = stopwatch(5000);

  await advance(1000);

  assert.equal(since(), 6000);
});

test("a moment to come is no time ago", () => {
  clock();

  assert.equal(stopwatch(-500)(), 0);
});
