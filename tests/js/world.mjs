/** The world that a page lives in, as these tests need it: clocks that they move, and what was done. */

const real = { setImmediate };
const START = 1_700_000_000_000;
// Loaded without a script tag of its own, `nightlatch.js` does not start.
globalThis.document = { querySelector: () => null };
const MAIN = "../../src/nightlatch/static/nightlatch/";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Imports one of the modules under test. */
export const load = (name) => import(new URL(MAIN + name, import.meta.url));

/** Lets everything that was answered be handled. */
export const settle = () => new Promise((done) => real.setImmediate(done));

/** An active status document as the server gives it at the default timing. */
export const status = (changes = {}) => ({
  state: "active",
  reason: null,
  idle_ms: 59 * MINUTE,
  absolute_ms: 12 * HOUR,
  warn_ms: 10 * MINUTE,
  can_extend: true,
  who: "george",
  ...changes,
});

/** What the server says of a session that has ended. */
export const ended = (reason = "idle") => ({
  ...status({ state: "ended", reason, idle_ms: 0, absolute_ms: 0, can_extend: false, who: "" }),
});

/** Puts a clock in place of the real ones, and timers that run when it is moved. */
export function clock() {
  const timers = new Map();
  let wall = START;
  let mono = 0;
  let ids = 0;
  Date.now = () => wall;
  // Chance takes nothing off a pause, but where a test says so.
  Math.random = () => 0;
  performance.now = () => mono;
  globalThis.setTimeout = (run, ms = 0) => {
    timers.set(++ids, { run, ms, at: mono + Math.max(0, ms) });
    return ids;
  };
  globalThis.clearTimeout = (id) => timers.delete(id);

  async function advance(ms) {
    const end = mono + ms;
    for (;;) {
      const [id, next] = [...timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!next || next.at > end) break;
      timers.delete(id);
      wall += next.at - mono;
      mono = next.at;
      next.run();
      await settle();
    }
    wall += end - mono;
    mono = end;
  }

  return {
    START,
    timers,
    /** Time passes, and every timer runs when it falls due. */
    advance,
    /** The wall clock is moved, or the lid is closed: no timer runs and the monotonic clock stands. */
    jump: (ms) => (wall += ms),
    now: () => wall,
  };
}

/**
 * A page with its monitor, the server behind it, and all that it did.
 *
 * `server.answer` decides what the next questions get: a function of (name, argument) that returns a
 * status document, a word of trouble, "unconfirmed", or nothing for no answer yet.
 */
export async function page({ first = status(), age_ms = 0, arrived = false, ping_every_ms = MINUTE, emit } = {}) {
  const time = clock();
  const { monitor, stopwatch } = await load("monitor.js");
  const done = [];
  const asked = [];
  const shown = [];
  const sent = [];
  const server = { answer: () => status(), asked, waiting: [] };
  globalThis.document = { hidden: false };

  const question = (name) => (argument, keepalive) => {
    const since = stopwatch();
    const call = { name, argument, keepalive, at: time.now() };
    asked.push(call);
    const give = (given) =>
      given === "unconfirmed"
        ? { unconfirmed: true }
        : typeof given === "string"
          ? { trouble: given }
          : { status: given, since };
    const given = server.answer(name, argument);
    if (given) return Promise.resolve(give(given));
    return new Promise((answer) => server.waiting.push((given) => answer(give(given))));
  };
  const act = (name) => (...details) => void done.push([name, ...details]);
  const look = { hidden: false, dialog: null };
  const view = {
    show: (face, left_ms, word) => {
      look.dialog = { face, left_ms, word: word || undefined };
      shown.push({ ...look.dialog, at: time.now() });
    },
    close: () => (look.dialog = null),
    conceal: () => (look.hidden = true),
    reveal: () => (look.hidden = false),
    takeOut: act("takeOut"),
    tab: (ours) => (look.tab = ours),
    remove: act("remove"),
  };
  const channel = { open: act("open"), close: act("close"), send: (message) => sent.push(message) };
  const since = stopwatch(age_ms);
  const watch = monitor(first, since, arrived && since, ping_every_ms, {
    api: { status: question("status"), extend: question("extend"), end: question("end") },
    channel,
    view,
    page: { emit: emit ?? act("emit"), end: act("end"), reload: act("reload") },
  });
  return {
    ...time,
    watch,
    server,
    view,
    look,
    sent,
    shown,
    done,
    /** The questions so far, by name. */
    asked: (name) => asked.filter((call) => call.name === name),
    /** Whether something of this name was done, and with what. */
    did: (name) => done.filter(([each]) => each === name).map(([, ...details]) => details),
  };
}
