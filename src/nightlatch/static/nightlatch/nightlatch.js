/**
 * The browser half of nightlatch: warns before the session ends, and hides the page when it has.
 *
 * Starts by itself when its script tag carries `data-nightlatch`; `start` says which options it
 * takes. Tells the page by events on `document`: `nightlatch:warn`, `nightlatch:hide` (the page has
 * just been hidden), `nightlatch:extend` and `nightlatch:end`, each with the status document as
 * `detail`. A form marked `data-nightlatch-draft` brings `drafts.js`.
 */
import { monitor, stopwatch } from "./monitor.js";
import { view, wordsOf } from "./view.js";

// `scroll` is missing on purpose: a script's scrolling is trusted too, and a user's begins with one
// of these. `input` and `click` are how dictation and screen readers show; touches are pointers.
const ACTIVITY = "keydown pointerdown pointermove touchmove wheel input click compositionupdate paste dragover";
const SIGN_OUT = "[data-nightlatch-sign-out]";
// Longer than a slow mobile network needs, short enough for someone who watches a countdown.
const LIMIT_MS = 10000;
const tag = document.querySelector("script[data-nightlatch]");

let life; // aborting it takes every listener away

/** Returns *options* as they will be used, or throws a TypeError that names the bad one. */
export function read({ ...options }) {
  const need = (name, ok, allowed) => {
    if (!ok(options[name])) throw new TypeError(`nightlatch: ${name} is ${options[name]}, it must be ${allowed}`);
  };
  try {
    options.status = JSON.parse(options.status);
  } catch {
    // An object, or about to be refused.
  }
  const path = (value) => value?.[0] === "/";
  need("status", isStatus, "a status document");
  need("pingEveryMs", (ms) => ms > 0 && ms < Infinity, "milliseconds above 0");
  need("url", path, "a path");
  need("endedUrl", path, "a path");
  return options;
}

/**
 * Watches over this page's session; whoever watched before is stopped.
 *
 * @param options `status`, the server's status document as an object or JSON; `pingEveryMs`, the
 *   least time between two extends; `url`, where the session's routes are; `endedUrl`, where to go
 *   when it has ended; `active`, present when asking for this page was activity. They default to the
 *   `data-*` attributes of the script tag.
 * @param age_ms how long ago the request for `status` was sent; by default it came with the page
 */
export function start(options = tag.dataset, age_ms = performance.now()) {
  const { status, active, pingEveryMs, url, endedUrl, signInUrl, user } = read(options);
  stop();
  life = new AbortController();
  const { signal } = life;
  const listen = (target, types, heard, early) => {
    for (const type of types.split(" "))
      target.addEventListener(type, heard, { signal, capture: early, passive: early });
  };

  const since = stopwatch(age_ms);
  const curtain = view(wordsOf(document.documentElement.lang), `${url}/end`, () => watch.press());
  const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`nightlatch:${name}`, { detail }));
  const watch = monitor(status, since, active != null && since, pingEveryMs, {
    api: api(url),
    channel: channel((message) => watch.message(message)),
    view: curtain,
    page: {
      emit,
      end(reason) {
        const { pathname, search, hash } = location;
        const next = reason.startsWith("signed-out") ? "" : `&next=${encodeURIComponent(pathname + search + hash)}`;
        const go = () => location.replace(`${endedUrl}?reason=${encodeURIComponent(reason)}${next}`);
        if (!signInUrl || !/^(idle|absolute)$/.test(reason)) return go();
        stop();
        import("./again.js").then(({ again }) => again({ signInUrl, user, go, curtain }), go);
      },
      // Reloading the answer to a form would send the form again; asking for its address does not.
      reload: () => (location.hash ? location.reload() : location.replace(location)),
    },
  });

  const heard = ({ isTrusted, type, target, movementX, movementY }) => {
    // Who signs out must not extend first, and the warning takes only its own buttons.
    if (!isTrusted || target.closest?.(`${SIGN_OUT},.nightlatch`)) return;
    // Systems send moves to a resting pointer.
    if (type !== "pointermove" || movementX || movementY) watch.input();
  };
  // A frame of another origin has no document for us, and keeps its input to itself.
  const attend = ({ contentDocument: doc }) => {
    if (!doc) return;
    listen(doc, ACTIVITY, heard, true);
    listen(doc, "load", ({ target }) => attend(target), true);
    doc.querySelectorAll("iframe").forEach(attend);
  };

  attend({ contentDocument: document });
  listen(document, "visibilitychange resume", watch.wake);
  listen(window, "focus online", watch.wake);
  listen(document, "toggle fullscreenchange", curtain.rise, true);
  listen(window, "pagehide", watch.pageHide);
  listen(window, "pageshow", watch.pageShow);
  // No "Leave site?" may keep a page whose session is over.
  listen(window, "beforeunload", (event) => watch.gone() && event.stopImmediatePropagation());
  listen(document, "submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches(SIGN_OUT)) return;
    event.preventDefault();
    watch.signOut(() => HTMLFormElement.prototype.submit.call(form));
  });
  signal.addEventListener("abort", watch.stop);
  if (document.querySelector("form[data-nightlatch-draft]"))
    import("./drafts.js").then(({ keep }) => keep(`${url}/draft`, status.who, signal));
}

/**
 * Stops watching and leaves no listener, timer, channel or dialog behind. A page that is hidden at
 * that moment stays hidden.
 */
export function stop() {
  life?.abort();
}

/**
 * Whether *doc* is a status document. Whatever else comes with a 200 (a captive portal's page, a
 * proxy's apology, a sign-in form) is no news about the session.
 */
export const isStatus = (doc) =>
  doc?.state === "active"
    ? [doc.idle_ms, doc.absolute_ms, doc.warn_ms].every(Number.isFinite) &&
      typeof doc.can_extend === "boolean" &&
      typeof doc.who === "string"
    : doc?.state === "ended" || doc?.state === "anonymous";

/**
 * The three questions to the server at *url*. Each answers, and never throws: `{status, since}`, the
 * document and a stopwatch from the moment the request was *sent*; or, when there was no believable
 * answer, `{trouble}`: `offline` when the device has no network, else `server`. `{unconfirmed}`: this
 * browser is signed out, and the server could not reach its store to end the session there.
 */
export function api(url) {
  async function call(path, body, keepalive) {
    const since = stopwatch();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), LIMIT_MS);
    try {
      const answer = await fetch(url + path, {
        ...(body && { method: "POST", body: JSON.stringify(body) }),
        headers: { "Content-Type": "application/json" },
        cache: "no-store",
        redirect: "error",
        keepalive,
        signal: limit.signal,
      });
      const status = await answer.json();
      if ([200, 401].includes(answer.status) && isStatus(status)) return { status, since };
      if (answer.status === 503 && status.signed_out) return { unconfirmed: true };
    } catch {
      // Refused, redirected, cut off, too late or not JSON: all the same to us.
    } finally {
      clearTimeout(timer);
    }
    return { trouble: navigator.onLine ? "server" : "offline" };
  }

  return {
    /** Reports and never extends. */
    status: () => call(""),
    /** Credits input that was *idle_for* whole milliseconds ago. */
    extend: (idle_for, keepalive) => call("/extend", { idle_for }, keepalive),
    /** Signs out; with a *reason* it ends the session only if that limit has passed. */
    end: (reason) => call("/end", { reason }),
  };
}

/**
 * Whether a tab may have sent *message*: all of an origin's pages can post here. A stamp may be a
 * second in the future; more means a clock that was moved.
 */
export function credible(message) {
  const { v, type, who, status, at, ping } = message ?? {};
  return (
    v === 1 &&
    Math.max(at, ping) <= Date.now() + 1000 &&
    isStatus(status) &&
    (type === "ended" || (type === "status" && status.who === who))
  );
}

/**
 * The line between the tabs of one browser. Nobody counts on anybody: a tab that crashed or froze
 * neither keeps a session open nor ends it, and without BroadcastChannel each tab is on its own.
 *
 * @param hear called with each credible message
 */
export function channel(hear) {
  let line;
  return {
    open() {
      try {
        line ??= new BroadcastChannel("nightlatch");
        line.onmessage = ({ data }) => credible(data) && hear(data);
      } catch {
        // Some browsers forbid it in private windows or sandboxed frames.
      }
    },
    send: (message) => line?.postMessage({ v: 1, ...message }),
    close() {
      line?.close();
      line = undefined;
    },
  };
}

if (tag) start();
