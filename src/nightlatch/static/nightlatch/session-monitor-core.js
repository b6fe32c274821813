/**
 * What stands behind the global `sessionMonitor`: the same monitor, curtain and dialog as everywhere,
 * between the page's own functions and a server that may or may not be nightlatch's.
 *
 * A server that answers with status documents is believed. Of another one only this is known: a ping
 * that succeeded was worth `sessionLifetime`.
 */
import { monitor, stopwatch } from "./monitor.js";
import { api, channel, isStatus } from "./nightlatch.js";
import { view, wordsOf } from "./view.js";

// The article's own list meant "somebody is there", and only the mouse was heard.
const ANYTHING = "keydown pointerdown pointermove touchmove wheel input click compositionupdate paste dragover mouseup";
// Nobody's function keeps a session open, or what is hidden in the document, for longer than this.
const LIMIT_MS = 10_000;
const FRESH_MS = 1_000;
// HTTP's own word for "not signed in", and the one that some servers have for "no longer".
const ENDED = [401, 440];

const at = (url) => new URL(url, location);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the outcome of a ping says: `{status}` with a document, `{}` for a plain yes, or `{trouble}`. */
async function understand(said, failed) {
  let code = failed ? said?.status : 200;
  if (said instanceof Response) {
    code = said.status;
    said = await said.json().catch(() => undefined);
  }
  // A jqXHR that was refused has parsed the answer by itself.
  const doc = failed ? said?.responseJSON : said;
  if (isStatus(doc) && (code === 200 || ENDED.includes(code))) return { status: doc };
  if (ENDED.includes(code)) return { status: { state: "ended", reason: null } };
  if (code >= 200 && code < 300) return {};
  return { trouble: navigator.onLine ? "server" : "offline" };
}

/**
 * Begins to watch.
 *
 * @param self the options, whose methods are looked up when they are called
 * @param defaults what they are when the page says nothing
 */
export function watch(self, defaults) {
  const server = self.url === undefined ? undefined : api(self.url);
  const since = stopwatch(performance.now()); // asking for the page was activity, if nothing else was
  const life = new AbortController();
  const { signal } = life;
  let surplus_ms = 0; // by so much the server would let a session live longer than the page wants
  let saving; // onbeforetimeout, under way or done
  let warned; // the page's own warning is up
  let face; // ours is
  let opened; // what the page's warning opened
  let down; // the curtain

  const made = (idle_for) => ({
    state: "active",
    idle_ms: Math.max(0, self.sessionLifetime - idle_for),
    absolute_ms: Number.MAX_SAFE_INTEGER,
    warn_ms: self.timeBeforeWarning,
    can_extend: true,
    who: `sessionMonitor ${self.pingUrl}`,
  });
  const first = { ...made(0), who: undefined };

  /** The answer as the page's options want it; the first one tells whose session this is. */
  function fit(answer) {
    const { status: doc } = answer;
    if (doc?.state !== "active") return answer;
    first.who ??= doc.who;
    const idle_ms = Math.max(0, doc.idle_ms - surplus_ms);
    return { ...answer, status: { ...doc, idle_ms, warn_ms: self.timeBeforeWarning } };
  }

  /** Runs one of the page's functions. Its mistakes are told to the page, and stop nothing here. */
  async function run(name, ...args) {
    try {
      return await self[name](...args);
    } catch (error) {
      // A Deferred may be rejected with anything, and that is no mistake.
      if (error instanceof Error) reportError(error);
    }
  }

  const before = (reason) => (saving ??= Promise.race([run("onbeforetimeout", reason), pause(LIMIT_MS)]));

  async function extend(idle_for, keepalive) {
    const sent = stopwatch();
    const ping = async () => self.ping(idle_for, keepalive);
    const late = pause(LIMIT_MS).then(() => Promise.reject());
    const answer = await Promise.race([ping(), late]).then(understand, (error) => understand(error, true));
    if (answer.trouble) return answer;
    if (!answer.status) return server ? fit(await server.status()) : fit({ status: made(idle_for), since: sent });
    // Only of fresh input is it certain that no other tab had any later.
    if (idle_for < FRESH_MS && answer.status.state === "active")
      surplus_ms = Math.max(0, answer.status.idle_ms + idle_for - self.sessionLifetime);
    return fit({ ...answer, since: sent });
  }

  async function end(reason) {
    // Where to sign out is the page's business: `logout` goes there.
    if (!reason) return {};
    // While the session is alive still: a draft may have to be saved.
    await before(reason);
    const sent = stopwatch();
    if (!server) return { status: { state: "ended", reason }, since: sent };
    const answer = await server.end(reason);
    const { status: doc } = answer;
    if (doc?.state !== "active" || doc.idle_ms > surplus_ms) return fit(answer);
    // The page's own limit is shorter than the server's, and has passed.
    const done = await server.end();
    return done.status?.state === "active" ? fit(done) : { ...done, status: done.status && { ...done.status, reason } };
  }

  function status() {
    if (server) return server.status().then(fit);
    // There is no question that does not extend. A page that hides may as well be asked for again.
    if (down) world.page.reload();
    return {};
  }

  const line = channel((message) => watched.message(message));
  const box = view(wordsOf(document.documentElement.lang), `${self.url ?? ""}/end`, () => watched.press());
  const modals = () => window.jQuery?.fn.modal && window.jQuery(".modal").filter((_, el) => modal(el)?.isShown);
  const modal = (el) => window.jQuery(el).data("bs.modal");

  const world = {
    api: { status, extend, end },
    // Until the server has said whose session this is there is nothing to tell.
    channel: { ...line, send: (message) => message.who && line.send(message) },
    view: {
      ...box,
      /** The page's own warning, or ours: where it has none, has not been told all, or hides. */
      show(which, left_ms, word) {
        const theirs = which === "idle" && self.onwarning !== defaults.onwarning;
        if (theirs && !face && (!word || word === "wait")) {
          if (warned) return;
          warned = true;
          const already = modals();
          run("onwarning");
          opened = modals()?.not(already);
        } else {
          face = which;
          box.show(which, left_ms, word);
        }
      },
      close() {
        face = undefined;
        box.close();
        if (warned) {
          warned = false;
          run("onextend");
        }
      },
      conceal() {
        down = true;
        box.conceal();
      },
      reveal() {
        down = saving = undefined;
        box.reveal();
      },
    },
    page: {
      emit: (name, detail) => document.dispatchEvent(new CustomEvent(`nightlatch:${name}`, { detail })),
      end: (reason) =>
        before(reason)
          .then(() => run("ontimeout", reason))
          .then(() => pause(LIMIT_MS))
          .then(box.takeOut), // whoever replaced it did not leave
      reload: () => (location.hash ? location.reload() : location.replace(location)),
    },
  };
  const watched = monitor(first, since, since, self.minPingInterval, world);

  // The default methods, and those that cannot be replaced

  const core = {
    /** Posts to `pingUrl`. A page's CSRF token goes along where it is in the usual `meta` element. */
    ping(idle_for = 0, keepalive = false) {
      const token = document.querySelector("meta[name='csrf-token']")?.content;
      return fetch(self.pingUrl, {
        method: "POST",
        body: JSON.stringify({ idle_for }),
        headers: { "Content-Type": "application/json", ...(token && { "X-CSRF-Token": token }) },
        cache: "no-store",
        redirect: "error",
        keepalive,
        signal: AbortSignal.timeout(LIMIT_MS),
      });
    },

    /** Goes to `logoutUrl`; by POST when that is nightlatch's own. Nothing is extended on the way. */
    logout: () =>
      watched.signOut(() => {
        if (!server || at(self.logoutUrl).pathname !== at(`${self.url}/end`).pathname)
          return location.assign(self.logoutUrl);
        const form = document.createElement("form");
        form.method = "post";
        form.action = self.logoutUrl;
        document.body.append(form);
        form.submit();
      }),

    /** Closes what the page's warning opened, if Bootstrap and jQuery opened it. */
    unwarn: () => opened?.modal("hide"),

    /** Goes to `timeoutUrl`, which is told why, and leaves no way back to this page. */
    leave(reason) {
      const url = at(self.timeoutUrl);
      if (reason && !url.searchParams.has("reason")) url.searchParams.set("reason", reason);
      location.replace(url);
    },

    /** The user is there: *Stay* while there is a warning, else activity like any other. */
    extendsess: () => (warned || face === "idle" ? watched.press() : watched.input()),

    stop: () => life.abort(),
  };

  function listen(target, types, heard, early) {
    for (const type of types.split(/\s+/).filter(Boolean))
      target.addEventListener(type, heard, { signal, capture: early, passive: early });
  }

  // jQuery's names may have a namespace, which is nothing to a browser.
  const events = self.activityEvents === defaults.activityEvents ? ANYTHING : self.activityEvents.replace(/\.\S*/g, "");
  const out = (el) => [el?.href, el?.action].includes(at(self.logoutUrl).href);
  const heard = ({ isTrusted, type, target, movementX, movementY }) => {
    // Who signs out must not extend first.
    if (!isTrusted || target.closest?.(".nightlatch,[data-nightlatch-sign-out]")) return;
    if (out(target.closest?.("a")) || out(target.closest?.("form"))) return;
    // Systems send moves to a resting pointer.
    if (!/^(pointer|mouse)move$/.test(type) || movementX || movementY) watched.input();
  };
  const attend = ({ contentDocument: doc }) => {
    if (!doc) return;
    listen(doc, events, heard, true);
    listen(doc, "load", ({ target }) => attend(target), true);
    doc.querySelectorAll("iframe").forEach(attend);
  };

  attend({ contentDocument: document });
  listen(document, "visibilitychange resume", watched.wake);
  listen(window, "focus online", watched.wake);
  if (box.rise) listen(document, "toggle fullscreenchange", box.rise, true);
  listen(window, "pagehide", watched.pageHide);
  listen(window, "pageshow", watched.pageShow);
  // No "Leave site?" may keep a page whose session is over.
  listen(window, "beforeunload", (event) => watched.gone() && event.stopImmediatePropagation());
  listen(document, "submit", (event) => {
    if (!event.target.closest(".nightlatch")) return;
    event.preventDefault();
    run("logout");
  });
  signal.addEventListener("abort", watched.stop);

  if (!document.querySelector("link[href$='nightlatch.css']")) {
    const look = document.createElement("link");
    look.rel = "stylesheet";
    look.href = new URL("nightlatch.css", import.meta.url);
    document.head.append(look);
    signal.addEventListener("abort", () => look.remove());
  }
  watched.input(); // the first ping, which brings both clocks together
  return core;
}
