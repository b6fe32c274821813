/**
 * The browser half of nightlatch: warns before the session ends, and hides the page when it has.
 *
 * Starts by itself when its script tag carries `data-nightlatch`; `start` says which options it
 * takes. Tells the page by events on `document`: `nightlatch:warn`, `nightlatch:hide` (the page has
 * just been hidden), `nightlatch:extend` and `nightlatch:end`, each with the status document as
 * `detail`. A form marked `data-nightlatch-draft` brings `drafts.js`.
 */
import { monitor } from "./monitor.js";
import { stopwatch } from "./phase.js";
import { view } from "./view.js";
import { api, channel, isStatus } from "./wire.js";
export { api, channel, isStatus };
import { words } from "./words.js";

// `scroll` is missing on purpose: a script's scrolling is trusted too, and a user's begins with one
// of these. `input` and `click` are how dictation and screen readers show; touches are pointers.
const ACTIVITY = "keydown pointerdown pointermove touchmove wheel input click compositionupdate paste dragover";
const SIGN_OUT = "[data-nightlatch-sign-out]";
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
  const curtain = view(words(), `${url}/end`, () => watch.press());
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
        const back = (fresh, age_ms) => {
          curtain.reveal();
          curtain.close();
          start(fresh, age_ms);
          emit("resume");
        };
        stop();
        import("./again.js").then(({ again }) => again({ signInUrl, user, go, back }), go);
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

if (tag) start();
