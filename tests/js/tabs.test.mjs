/** What one tab makes of another's messages. */
import assert from "node:assert/strict";
import test from "node:test";
import { ended, HOUR, MINUTE, page, SECOND, settle, status } from "./world.mjs";

/** A message as another tab of the same session would send it now. */
const from = (at, changes) => ({
  v: 1, type: "status", who: "george", status: status(), at: at.now(), ping: at.now(), ...changes,
});

test("it says hello with what it knows, so that others notice another user", async () => {
  const at = await page({ age_ms: 300 });

  assert.deepEqual(at.sent, [
    { type: "status", who: "george", status: status(), at: at.START - 300, ping: -Infinity, seen: NaN },
  ]);
});

test("activity in another tab keeps this one from warning", async () => {
  const at = await page();
  await at.advance(48 * MINUTE);

  at.watch.message(from(at));
  await at.advance(48 * MINUTE);

  assert.equal(at.look.dialog, null);
  assert.deepEqual(at.server.asked, []);
});

test("Stay in another tab closes this one's warning, without a question of its own", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 10 * MINUTE + SECOND });
  await at.advance(50 * MINUTE);
  assert.ok(at.look.dialog);
  at.server.asked.length = 0;

  at.watch.message(from(at));

  assert.equal(at.look.dialog, null);
  assert.deepEqual(at.server.asked, []);
});

test("an extend of another tab counts for the minute of all", async () => {
  const at = await page();
  at.watch.message(from(at));

  await at.advance(10 * SECOND);
  at.watch.input();
  await at.advance(49 * SECOND);
  assert.deepEqual(at.asked("extend"), []);
  await at.advance(SECOND);

  assert.deepEqual(at.asked("extend").map(({ argument }) => argument), [50 * SECOND]);
});

test("of input in several tabs the latest is told, by its own tab", async () => {
  const at = await page();
  at.watch.input();
  await settle();
  await at.advance(10 * SECOND);
  at.watch.input();
  const { at: told_ms, ...said } = at.sent.at(-1);
  await at.advance(5 * SECOND);

  at.watch.message({ ...said, at: told_ms, seen: at.now() - SECOND });
  await at.advance(2 * MINUTE);

  assert.equal(said.seen, at.START + 10 * SECOND);
  assert.equal(at.asked("extend").length, 1);
});

test("input in another tab that was earlier than ours leaves ours to be told", async () => {
  const at = await page();
  at.watch.input();
  await settle();
  await at.advance(10 * SECOND);
  at.watch.input();
  const said = at.sent.at(-1);

  at.watch.message({ ...said, seen: at.now() - SECOND });
  at.watch.message({ ...said, seen: NaN });
  await at.advance(2 * MINUTE);

  assert.deepEqual(at.asked("extend").map(({ argument }) => argument), [0, 50 * SECOND]);
});

test("a Stay that waits for its confirmation is not forgotten for another tab's input", async () => {
  const at = await page();
  at.server.answer = (name) => (name === "extend" ? "server" : status({ idle_ms: 10 * MINUTE + SECOND }));
  await at.advance(49 * MINUTE);
  at.watch.press();
  await settle();
  const tried = at.asked("extend").length;

  await at.advance(SECOND / 2);
  at.watch.message({ ...at.sent.at(-1), seen: at.now() });
  await at.advance(5 * SECOND);

  assert.ok(at.asked("extend").length > tried);
});

test("only the first of several inputs is news to the other tabs", async () => {
  const at = await page();
  at.watch.input();
  await settle();
  const said = at.sent.length;

  for (let i = 0; i < 10; i++) {
    await at.advance(SECOND);
    at.watch.input();
  }

  assert.equal(at.sent.length, said + 1);
});

test("an extend is announced when it is sent, not when it is answered", async () => {
  const at = await page();
  at.server.answer = () => null;
  await at.advance(5 * MINUTE);

  at.watch.input();

  assert.equal(at.sent.at(-1).ping, at.now());
});

test("a message that was 10 minutes on its way does not lengthen the session", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 10 * MINUTE + SECOND });
  await at.advance(20 * MINUTE);

  at.watch.message(from(at, { at: at.now() - 10 * MINUTE }));
  await at.advance(29 * MINUTE);

  assert.equal(at.shown[0].at - at.START, 49 * MINUTE);
});

test("what is older than our own knowledge is ignored", async () => {
  const at = await page();
  at.watch.input();
  await settle();

  at.watch.message(from(at, { status: status({ idle_ms: 1 }), at: at.now() - SECOND }));
  await at.advance(SECOND);

  assert.ok(!at.look.hidden);
});

test("an end in another tab hides this one at once, and then the server is asked", async () => {
  const at = await page();
  await at.advance(MINUTE);
  at.server.answer = () => null;

  at.watch.message(from(at, { type: "ended", status: ended("signed-out") }));
  assert.ok(at.look.hidden);
  assert.deepEqual(at.server.asked.map(({ name }) => name), ["status"]);
  at.server.waiting[0](ended("signed-out"));
  await settle();

  assert.deepEqual(at.did("end"), [["signed-out"]]);
});

test("the reason another tab gave is told when the server knows of nobody's session any more", async () => {
  const at = await page();
  at.server.answer = () => ({ ...ended(null), state: "anonymous" });

  at.watch.message(from(at, { type: "ended", status: ended("signed-out") }));
  await settle();

  assert.deepEqual(at.did("end"), [["signed-out"]]);
});

test("the reason for an end is passed on", async () => {
  const at = await page();
  at.server.answer = () => ended("revoked");

  at.watch.input();
  await settle();

  assert.deepEqual([at.sent.at(-1).type, at.sent.at(-1).status.reason], ["ended", "revoked"]);
});

test("an end that was a lie shows the page again", async () => {
  const at = await page();

  at.watch.message(from(at, { type: "ended" }));
  await settle();

  assert.ok(!at.look.hidden);
});

test("an end from before our last good answer is ignored", async () => {
  const at = await page();
  await at.advance(10 * MINUTE);
  at.watch.input();
  await settle();

  at.watch.message(from(at, { type: "ended", at: at.now() - MINUTE }));

  assert.ok(!at.look.hidden);
});

test("while the page is hidden a status is no proof, but a reason to ask at once", async () => {
  const at = await page();
  at.server.answer = () => "server";
  at.jump(2 * HOUR);
  at.watch.wake();
  await at.advance(8 * SECOND);
  const before = at.server.asked.length;
  at.server.answer = () => null;

  at.watch.message(from(at));

  assert.ok(at.look.hidden);
  assert.equal(at.server.asked.length, before + 1);
});

test("somebody else's status makes it ask; theirs is never taken over", async () => {
  const at = await page();
  await at.advance(MINUTE);

  at.watch.message(from(at, { who: "ana", status: status({ who: "ana" }) }));
  await settle();

  assert.equal(at.asked("status").length, 1);
  assert.ok(!at.look.hidden);
  assert.deepEqual(at.did("reload"), []);
});

test("somebody else did sign in: hidden and loaded anew", async () => {
  const at = await page();
  await at.advance(MINUTE);
  at.server.answer = () => status({ who: "ana" });

  at.watch.message(from(at, { who: "ana", status: status({ who: "ana" }) }));
  await settle();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("reload"), [[]]);
});

test("somebody else's end is theirs", async () => {
  const at = await page();

  at.watch.message(from(at, { who: "ana", type: "ended" }));

  assert.ok(!at.look.hidden);
  assert.deepEqual(at.server.asked, []);
});

test("an answer that was overtaken by another tab's is not taken back to", async () => {
  const at = await page();
  at.server.answer = () => null;
  await at.advance(49 * MINUTE - SECOND);
  await at.advance(500);
  at.watch.message(from(at));

  at.server.waiting[0](status({ idle_ms: 10 * MINUTE + SECOND }));
  await at.advance(MINUTE);

  assert.equal(at.look.dialog, null);
});

test("what the server said is passed on to the other tabs", async () => {
  const at = await page();
  at.server.answer = () => status({ idle_ms: 42 });

  at.watch.input();
  await settle();

  assert.deepEqual(at.sent.at(-1), {
    type: "status", who: "george", status: status({ idle_ms: 42 }), at: at.now(), ping: at.now(), seen: NaN,
  });
});
