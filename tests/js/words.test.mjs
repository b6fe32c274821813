import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./world.mjs";

const { words } = await load("words.js");
const MINUTE = 60_000;

test("the eye sees minutes and seconds, rounded up so that 0:00 is never early", () => {
  const { shown } = words();

  const seen = [10 * MINUTE, 10 * MINUTE - 1, 599_000, 61_000, 60_000, 59_001, 1000, 1, 0].map(shown);

  assert.deepEqual(seen, ["10:00", "10:00", "9:59", "1:01", "1:00", "1:00", "0:01", "0:01", "0:00"]);
});

test("the ear hears whole units with their plurals, and never none of one", () => {
  const { spoken } = words();

  const heard = [10 * MINUTE, 121_000, 60_000, 59_000, 1000, 1].map(spoken);

  assert.deepEqual(heard, [
    "10 minutes", "2 minutes 1 second", "1 minute", "59 seconds", "1 second", "1 second",
  ]);
});

test("another language brings its own digits and plurals", () => {
  const polish = words({ lang: "pl" });
  const arabic = words({ lang: "ar-EG" });

  assert.deepEqual([5, 2, 1].map((n) => polish.spoken(n * MINUTE)), ["5 minut", "2 minuty", "1 minuta"]);
  assert.equal(arabic.shown(10 * MINUTE), "١٠:٠٠");
});
