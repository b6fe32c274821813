/** When the warning comes, and what its first button does. */
import assert from "node:assert/strict";
import test from "node:test";
import { HOUR, MINUTE, page, SECOND, settle, status } from "./world.mjs";

const stay = async (at) => {
  at.watch.press();
  await settle();
};

/** A page whose warning has just opened. */
async function warned(changes) {
  const at = await page({ first: status(changes) });
  at.server.answer = () => status({ ...changes, idle_ms: 10 * MINUTE + SECOND });
  await at.advance(49 * MINUTE);
  at.server.asked.length = 0;
  return at;
}

test("it comes after 49 minutes, and the server is asked a second before without extending", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 10 * MINUTE + SECOND });

  await at.advance(49 * MINUTE - 1);
  assert.equal(at.look.dialog, null);
  await at.advance(1);

  assert.deepEqual(at.look.dialog, { face: "idle", left_ms: 10 * MINUTE, word: undefined });
  assert.deepEqual(at.server.asked.map(({ name, at: when }) => [name, when - at.START]), [
    ["status", 49 * MINUTE - SECOND],
  ]);
  assert.deepEqual(at.did("emit").map(([name]) => name), ["warn"]);
});

test("time that passed before the script ran counts", async () => {
  const at = await page({ age_ms: 4 * SECOND });
  at.server.answer = () => "server";

  await at.advance(49 * MINUTE - 4 * SECOND);

  assert.equal(at.look.dialog.left_ms, 10 * MINUTE);
});

test("a server that does not answer holds it up for no more than the second", async () => {
  const at = await page();
  at.server.answer = () => null;

  await at.advance(49 * MINUTE);

  assert.equal(at.look.dialog.left_ms, 10 * MINUTE);
});

test("another device was active: there is none", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 40 * MINUTE });

  await at.advance(55 * MINUTE);

  assert.equal(at.shown.length, 0);
});

test("woken inside the warning, the server is asked first and the time is true", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 5 * MINUTE });

  at.jump(54 * MINUTE);
  at.watch.wake();
  assert.equal(at.look.dialog, null);
  await settle();

  assert.equal(at.look.dialog.left_ms, 5 * MINUTE);
});

test("a visible page looks at the clock each second, and shows each second of the countdown", async () => {
  const at = await warned();

  await at.advance(3 * SECOND);

  assert.deepEqual(at.shown.slice(-4).map(({ left_ms }) => left_ms), [600_000, 599_000, 598_000, 597_000]);
});

test("a tab in the background sleeps until there is something to do", async () => {
  const at = await page();
  at.server.answer = () => "server";
  document.hidden = true;
  at.watch.wake();

  assert.deepEqual([...at.timers.values()].map(({ ms }) => ms), [49 * MINUTE - SECOND]);
  await at.advance(49 * MINUTE);
  assert.equal(at.look.tab, true);
  assert.equal(at.look.dialog.left_ms, 10 * MINUTE);
});

test("no timer is longer than a browser can count", async () => {
  const at = await page({ first: status({ idle_ms: 31 * 24 * HOUR, absolute_ms: 365 * 24 * HOUR }) });
  document.hidden = true;

  at.watch.wake();

  assert.deepEqual([...at.timers.values()].map(({ ms }) => ms), [2 ** 31 - 1]);
});

test("activity does nothing while it is open", async () => {
  const at = await warned();

  at.watch.input();
  await at.advance(2 * MINUTE);

  assert.deepEqual(at.server.asked, []);
  assert.equal(at.look.dialog.left_ms, 8 * MINUTE);
});

test("Stay closes it when the server has confirmed, and not before", async () => {
  const at = await warned();
  at.server.answer = () => null;

  await stay(at);
  await at.advance(2 * SECOND);
  assert.equal(at.look.dialog.word, "wait");
  at.server.waiting[0](status());
  await settle();

  assert.equal(at.look.dialog, null);
  assert.deepEqual(at.server.asked.map(({ name, argument }) => [name, argument]), [["extend", 0]]);
});

test("Stay pressed again while the answer is awaited asks once", async () => {
  const at = await warned();
  at.server.answer = () => null;

  await stay(at);
  await stay(at);

  assert.equal(at.server.asked.length, 1);
});

test("a failed Stay is said, and repeated after 1, 2, 4, 8 seconds for the moment it was pressed", async () => {
  const at = await warned();
  at.server.answer = () => "offline";

  await stay(at);
  assert.equal(at.look.dialog.word, "offline");
  await at.advance(16 * SECOND);

  assert.deepEqual(at.asked("extend").map(({ argument }) => argument), [0, 1000, 3000, 7000, 15000]);
  at.server.answer = () => status();
  await at.advance(16 * SECOND);
  assert.equal(at.look.dialog, null);
});

test("when the network is back, Stay is repeated at once", async () => {
  const at = await warned();
  at.server.answer = () => "offline";
  await stay(at);
  at.server.answer = () => status();

  at.watch.wake();
  await settle();

  assert.equal(at.look.dialog, null);
});

test("Stay that finds the session ended leaves with the reason", async () => {
  const at = await warned();
  at.server.answer = () => ({ ...status(), state: "ended", reason: "revoked" });

  await stay(at);

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("end"), [["revoked"]]);
});

test("where the absolute limit is nearer, its button extends nothing and the end comes all the same", async () => {
  const late = { absolute_ms: 30 * MINUTE, can_extend: false };
  const at = await page({ first: status(late) });
  at.server.answer = () => status({ ...late, absolute_ms: 10 * MINUTE + SECOND, idle_ms: 39 * MINUTE });

  at.watch.input();
  await at.advance(20 * MINUTE);
  assert.equal(at.look.dialog.face, "absolute");
  await stay(at);
  await at.advance(MINUTE);
  assert.equal(at.look.dialog, null);
  await at.advance(9 * MINUTE);

  assert.deepEqual(at.asked("extend"), []);
  assert.deepEqual(at.asked("end").map(({ argument }) => argument), ["absolute"]);
});

test("a near tie is one dialog that turns from one limit to the other", async () => {
  const at = await warned();
  at.server.answer = () => status({ absolute_ms: 9 * MINUTE, can_extend: false });

  await stay(at);

  assert.deepEqual(at.look.dialog, { face: "absolute", left_ms: 9 * MINUTE, word: undefined });
});

test("100 warnings leave one timer", async () => {
  const at = await page();

  for (let i = 0; i < 100; i += 1) {
    at.server.answer = () => status({ idle_ms: 10 * MINUTE });
    at.jump(50 * MINUTE);
    at.watch.wake();
    await settle();
    at.server.answer = () => status();
    await stay(at);
  }

  assert.equal(at.did("emit").filter(([name]) => name === "warn").length, 100);
  assert.equal(at.timers.size, 1);
});
