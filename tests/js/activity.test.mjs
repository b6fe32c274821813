/** When the server is told of activity. */
import assert from "node:assert/strict";
import test from "node:test";
import { MINUTE, page, SECOND, settle, status } from "./world.mjs";

const told = (at) => at.asked("extend").map(({ argument, at: when }) => [when - at.START, argument]);

test("the first input is told at once", async () => {
  const at = await page();

  at.watch.input();
  await settle();

  assert.deepEqual(told(at), [[0, 0]]);
});

test("what follows within the minute is told at its end, for the moment it happened", async () => {
  const at = await page();
  at.watch.input();

  await at.advance(20 * SECOND);
  at.watch.input();
  await at.advance(3 * MINUTE);

  assert.deepEqual(told(at), [[0, 0], [MINUTE, 40 * SECOND]]);
});

test("an hour of typing is told once a minute", async () => {
  const at = await page();

  for (let second = 0; second < 3600; second += 5) {
    at.watch.input();
    await at.advance(5 * SECOND);
  }

  assert.deepEqual(
    told(at).map(([when]) => when),
    Array.from({ length: 61 }, (_, minute) => minute * MINUTE),
  );
});

test("the warning comes 49 minutes after the last key of long typing", async () => {
  const at = await page();
  let seen = 0;
  at.server.answer = (name, idle_for) => {
    if (name === "extend") seen = Math.max(seen, at.now() - idle_for);
    return status({ idle_ms: seen + 59 * MINUTE - at.now() });
  };

  for (let second = 0; second < 58 * 60; second += 10) {
    at.watch.input();
    await at.advance(10 * SECOND);
  }
  const last = at.now() - 10 * SECOND;
  await at.advance(50 * MINUTE);

  assert.equal(at.shown[0].at - last, 49 * MINUTE);
});

test("a tab that went to the background still tells what is left", async () => {
  const at = await page();
  at.watch.input();
  await at.advance(SECOND);
  at.watch.input();
  document.hidden = true;
  at.watch.wake();

  await at.advance(MINUTE);

  assert.deepEqual(told(at), [[0, 0], [MINUTE, 59 * SECOND]]);
});

test("a ping that fails is made up for a minute later, for the moment of the input", async () => {
  const at = await page();
  at.server.answer = () => "server";
  at.watch.input();
  await at.advance(30 * SECOND);
  at.server.answer = () => status();

  await at.advance(MINUTE);

  assert.deepEqual(told(at), [[0, 0], [MINUTE, MINUTE]]);
});

test("a ping that hangs is not doubled", async () => {
  const at = await page();
  at.server.answer = () => null;

  at.watch.input();
  await at.advance(5 * MINUTE);
  at.watch.input();

  assert.equal(told(at).length, 1);
});

test("before the warning what is untold is told, and that is the question", async () => {
  const at = await page({ ping_every_ms: 55 * MINUTE });
  at.watch.input();
  await at.advance(10 * MINUTE);
  at.watch.input();
  at.server.answer = () => status({ idle_ms: 20 * MINUTE });

  await at.advance(39 * MINUTE);

  assert.deepEqual(told(at).at(-1), [49 * MINUTE - SECOND, 39 * MINUTE - SECOND]);
  assert.deepEqual(at.asked("status"), []);
  assert.equal(at.look.dialog, null);
});

test("the page's own request is told before the warning, and is worth no ping", async () => {
  const at = await page({ arrived: true, age_ms: 500 });
  // The record had been written 30 seconds before the page was asked for.
  at.server.answer = () => status({ idle_ms: 59 * MINUTE + 30 * SECOND - (at.now() - at.START) });

  await at.advance(49 * MINUTE);

  assert.deepEqual(told(at), [[49 * MINUTE - 1500, 49 * MINUTE - SECOND]]);
  assert.equal(at.look.dialog, null);
  await at.advance(30 * SECOND);
  assert.equal(at.look.dialog.face, "idle");
  assert.equal(told(at).length, 1);
});

test("where an extension would move nothing, none is asked for", async () => {
  const at = await page({ first: status({ absolute_ms: 30 * MINUTE, can_extend: false }) });

  at.watch.input();
  await at.advance(MINUTE);

  assert.deepEqual(told(at), []);
});

test("leaving the page tells what is untold, and hides the page", async () => {
  const at = await page();
  at.watch.input();
  await at.advance(3 * SECOND);
  at.watch.input();
  await at.advance(2 * SECOND);

  at.watch.pageHide();

  const last = at.asked("extend").at(-1);
  assert.deepEqual([last.argument, last.keepalive], [2 * SECOND, true]);
  assert.ok(at.look.hidden);
  assert.equal(at.timers.size, 0);
});

test("leaving the page with nothing to tell asks nothing", async () => {
  const at = await page({ arrived: true });

  at.watch.pageHide();

  assert.deepEqual(at.server.asked, []);
});

test("the page hears of an extension, and not of a mere question", async () => {
  const at = await page();

  at.watch.input();
  await settle();
  at.server.answer = () => status({ idle_ms: 10 * MINUTE + SECOND });
  await at.advance(49 * MINUTE - SECOND);

  assert.equal(at.asked("status").length, 1);
  assert.deepEqual(at.did("emit"), [["extend", status()]]);
});
