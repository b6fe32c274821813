/** What happens at the deadline, and after it. */
import assert from "node:assert/strict";
import test from "node:test";
import { ended, HOUR, MINUTE, page, SECOND, settle, status } from "./world.mjs";

/** A page whose time is up. Nothing has been answered yet. */
async function over() {
  const at = await page();
  at.server.answer = () => null;
  at.jump(2 * HOUR);
  at.watch.wake();
  return at;
}

/** The same, and the server cannot be reached. */
async function lost() {
  const at = await page();
  at.server.answer = () => "offline";
  at.jump(2 * HOUR);
  at.watch.wake();
  await settle();
  return at;
}

test("the page is hidden in the same task, and then the server is asked to end it", async () => {
  const at = await over();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.server.asked.map(({ name, argument }) => [name, argument]), [["end", "idle"]]);
});

test("without any wake it is hidden within a second of the lid being opened", async () => {
  const at = await page();
  at.server.answer = () => null;

  at.jump(2 * HOUR);
  await at.advance(SECOND);

  assert.ok(at.look.hidden);
});

test("it has ended: the page is left with the reason that the server gives", async () => {
  const at = await over();

  at.server.waiting[0](ended("absolute"));
  await settle();

  assert.deepEqual(at.did("end"), [["absolute"]]);
  assert.deepEqual(at.did("emit"), [["hide", status()], ["end", ended("absolute")]]);
  assert.equal(at.sent.at(-1).type, "ended");
  assert.equal(at.timers.size, 0);
});

test("the server has forgotten it: the reason is the limit that passed here", async () => {
  const at = await over();

  at.server.waiting[0]({ ...ended(null), state: "anonymous" });
  await settle();

  assert.deepEqual(at.did("end"), [["idle"]]);
});

test("input after the deadline does not revive, and asks for no extension", async () => {
  const at = await page();
  at.server.answer = () => null;
  at.jump(2 * HOUR);

  at.watch.input();
  at.watch.input();
  await at.advance(MINUTE);

  assert.ok(at.look.hidden);
  assert.deepEqual(at.asked("extend"), []);
  assert.equal(at.asked("end").length, 1);
});

test("alive after all: shown again and armed anew", async () => {
  const at = await over();

  at.server.waiting[0](status());
  await settle();
  assert.ok(!at.look.hidden);
  at.server.answer = () => status({ idle_ms: 10 * MINUTE + SECOND });
  await at.advance(49 * MINUTE);

  assert.equal(at.look.dialog.left_ms, 10 * MINUTE);
  assert.deepEqual(at.did("end"), []);
});

test("alive, but inside the warning: shown with the warning", async () => {
  const at = await over();

  at.server.waiting[0](status({ idle_ms: 3 * MINUTE }));
  await at.advance(SECOND);
  at.server.waiting[1]?.(status({ idle_ms: 3 * MINUTE }));
  await settle();

  assert.ok(!at.look.hidden);
  assert.equal(at.look.dialog.face, "idle");
});

test("a wall clock that was set back does not lengthen the session", async () => {
  const at = await page();
  at.server.answer = () => null;

  at.jump(-HOUR);
  await at.advance(59 * MINUTE);

  assert.ok(at.look.hidden);
});

test("the answer to a question put before the curtain fell does not lift it", async () => {
  const at = await page();
  at.server.answer = () => null;
  at.watch.input();
  await at.advance(SECOND);
  at.watch.message({ type: "ended", who: "george", status: ended(), at: at.now(), ping: 0 });

  at.server.waiting[0](status());
  await settle();

  assert.ok(at.look.hidden);
  at.server.waiting[1](status());
  await settle();
  assert.ok(!at.look.hidden);
});

test("nothing left but not ended: it stays hidden and asks again, without haste", async () => {
  const at = await over();
  at.server.answer = () => status({ idle_ms: 0 });

  at.server.waiting[0](status({ idle_ms: 0 }));
  await at.advance(4 * SECOND);

  assert.ok(at.look.hidden);
  assert.equal(at.asked("end").length, 3);
});

test("no answer: it stays hidden, says so, and asks again after 1, 2, 4 ... 30 seconds", async () => {
  const at = await lost();

  assert.deepEqual(at.look.dialog, { face: "hidden", left_ms: 0, word: "offline" });
  await at.advance(5 * MINUTE);

  const times = at.asked("end").map(({ at: when }) => (when - at.START - 2 * HOUR) / SECOND);
  assert.deepEqual(times.slice(0, 8), [0, 1, 3, 7, 15, 31, 61, 91]);
  assert.ok(at.look.hidden);
});

test("chance makes the pauses up to half as long, so that not all tabs ask at once", async () => {
  const at = await lost();
  Math.random = () => 0.5;

  await at.advance(2 * MINUTE);

  const pauses = at.asked("end").map(({ at: when }, i, all) => when - (all[i - 1]?.at ?? when)).slice(1);
  // The first was drawn before; and a page that waits looks once a second, at the whole one.
  assert.deepEqual(pauses.slice(0, 6), [1, 2, 3, 6, 12, 23].map((s) => s * SECOND));
});

test("an answer that takes more than a second is waited for visibly", async () => {
  const at = await over();

  assert.equal(at.look.dialog, null);
  await at.advance(SECOND);

  assert.deepEqual(at.look.dialog, { face: "hidden", left_ms: 0, word: undefined });
});

test("the network is back: it asks at once", async () => {
  const at = await lost();
  await at.advance(MINUTE);
  const before = at.asked("end").length;
  at.server.answer = () => ended();

  at.watch.wake();
  await settle();

  assert.equal(at.asked("end").length, before + 1);
  assert.deepEqual(at.did("end"), [["idle"]]);
});

test("Try again asks at once", async () => {
  const at = await lost();
  await at.advance(5 * SECOND);
  at.server.answer = () => status();

  at.watch.press();
  await settle();

  assert.ok(!at.look.hidden);
});

test("after 10 seconds without an answer the content is taken out, once", async () => {
  const at = await lost();

  await at.advance(10 * SECOND - 1);
  assert.deepEqual(at.did("takeOut"), []);
  await at.advance(MINUTE);

  assert.deepEqual(at.did("takeOut"), [[]]);
});

test("a session that turns out alive after that has its page loaded anew", async () => {
  const at = await lost();
  await at.advance(11 * SECOND);
  at.server.answer = () => status();

  at.watch.wake();
  await settle();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("reload"), [[]]);
});

test("a ping that is told the session has ended hides and leaves at once", async () => {
  const at = await page();
  at.server.answer = () => ended("replaced");

  at.watch.input();
  await settle();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("end"), [["replaced"]]);
});

test("somebody else's session hides the page and loads it anew", async () => {
  const at = await page();
  at.server.answer = () => status({ who: "ana" });

  at.watch.input();
  await settle();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("reload"), [[]]);
});

test("signing out is one question, with no ping before or after it", async () => {
  const at = await page();
  at.watch.input();
  await at.advance(SECOND);
  at.watch.input();
  at.server.asked.length = 0;
  at.server.answer = () => ended("signed-out");

  at.watch.signOut(assert.fail);
  at.watch.signOut(assert.fail);
  assert.ok(at.look.hidden);
  await settle();
  at.watch.pageHide();

  assert.deepEqual(at.server.asked.map(({ name, argument }) => [name, argument]), [["end", undefined]]);
  assert.deepEqual(at.did("end"), [["signed-out"]]);
  assert.equal(at.sent.at(-1).type, "ended");
});

test("signing out of a session that had ended by itself is signing out", async () => {
  const at = await page();
  at.server.answer = () => ended("idle");

  await at.watch.signOut(assert.fail);

  assert.deepEqual(at.did("end"), [["signed-out"]]);
});

test("a sign-out that the server could not confirm leads to the page that says so", async () => {
  const at = await page();
  at.server.answer = () => "unconfirmed";

  await at.watch.signOut(assert.fail);

  assert.deepEqual(at.did("end"), [["signed-out-unconfirmed"]]);
  assert.ok(at.watch.gone());
});

test("a sign-out that does not reach the server goes the ordinary way", async () => {
  const at = await page();
  at.server.answer = () => "offline";
  let went = 0;

  await at.watch.signOut(() => (went += 1));

  assert.equal(went, 1);
  assert.deepEqual(at.did("end"), []);
  assert.ok(at.watch.gone());
});

test("back from the cache it is shown only when the server has said that it is alive", async () => {
  const at = await page();
  at.watch.pageHide();
  at.server.answer = () => null;

  at.watch.pageShow({ persisted: true });
  assert.ok(at.look.hidden);
  assert.equal(at.asked("status").length, 1);
  at.server.waiting[0](status());
  await settle();

  assert.ok(!at.look.hidden);
  assert.deepEqual(at.did("open").length, 2);
});

test("back from the cache after the end it is left", async () => {
  const at = await page();
  at.watch.pageHide();
  at.server.answer = () => ended("signed-out");

  at.watch.pageShow({ persisted: true });
  await settle();

  assert.ok(at.look.hidden);
  assert.deepEqual(at.did("end"), [["signed-out"]]);
});

test("back from the cache a ping that the cache cut off does not stop the next ones", async () => {
  const at = await page();
  at.server.answer = (name) => (name === "extend" ? null : status());
  at.watch.input();
  at.watch.pageHide();
  at.watch.pageShow({ persisted: true });
  await at.advance(MINUTE);

  at.watch.input();

  assert.deepEqual(at.asked("extend").at(-1).at, at.now());
});

test("the first showing of a page asks nothing", async () => {
  const at = await page();

  at.watch.pageShow({ persisted: false });
  await settle();

  assert.deepEqual(at.server.asked, []);
  assert.ok(!at.look.hidden);
});

test("stopped, it leaves no timer and no channel, and a late answer changes nothing", async () => {
  const at = await over();

  at.watch.stop();
  at.server.waiting[0](ended());
  await settle();
  at.watch.wake();
  at.watch.input();

  assert.equal(at.timers.size, 0);
  assert.deepEqual(at.did("close"), [[]]);
  assert.deepEqual(at.did("remove"), [[]]);
  assert.deepEqual(at.did("end"), []);
  assert.equal(at.server.asked.length, 1);
});

test("an error while the warning is shown does not keep the page from being hidden", async () => {
  const at = await page();
  at.server.answer = () => null;
  await at.advance(49 * MINUTE - SECOND);
  at.view.show = () => {
    throw new Error("the dialog cannot be opened");
  };

  for (let second = 0; second < 10 * 60 + 1; second += 1) await at.advance(SECOND).catch(() => {});

  assert.ok(at.look.hidden);
});

test("a page that stops it when it hears of the warning is left without a timer", async () => {
  const at = await page({ emit: () => at.watch.stop() });
  at.server.answer = () => "server";

  await at.advance(49 * MINUTE);

  assert.equal(at.timers.size, 0);
  assert.equal(at.shown.length, 1);
});

test("a question that is still on its way does not hold up the one at the end", async () => {
  const at = await page();
  at.server.answer = () => null;
  await at.advance(49 * MINUTE);
  at.jump(2 * HOUR);

  at.watch.wake();

  assert.deepEqual(at.server.asked.map(({ name }) => name), ["status", "end"]);
});

test("a page that is stopped by who hears that it was hidden asks nothing more", async () => {
  let watch;
  const at = await page({ emit: (name) => name === "hide" && watch.stop() });
  watch = at.watch;
  at.server.answer = () => null;

  at.jump(2 * HOUR);
  at.watch.wake();
  await at.advance(30 * MINUTE);

  assert.ok(at.look.hidden);
  assert.deepEqual(at.server.asked, []);
  assert.equal(at.timers.size, 0);
});
