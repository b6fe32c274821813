/**
 * Keeps the forms marked `data-nightlatch-draft` on the server as they are filled in, and offers
 * them back. Loaded only by pages that have such a form.
 *
 * A form's draft is found again by the page's path and the attribute's value, or else the form's id.
 */
import { empty, fill, read, wanted } from "./drafts-fields.js";
import { pageWords } from "./drafts-words.js";

// Saved when nothing was typed for so long, and at least so often while somebody types.
const QUIET_MS = 1000;
const LONGEST_MS = 5000;
// Failed saves are repeated after 2, 4, 8 ... and at most so many milliseconds.
const SLOWEST_MS = 60000;
const LIMIT_MS = 10000;

// The server puts names in an order of its own.
const plain = (fields) => JSON.stringify(Object.entries(fields).sort());

/**
 * Decides when to save.
 *
 * @param send saves; is told whether the page is going away; answers whether it is done with
 */
export function saver(send) {
  let dirty = false;
  let since; // the first change that is not saved
  let sending = 0;
  let wait_ms = 0;
  let timer;
  let stopped = false;

  function later(ms) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(flush, ms);
  }

  async function flush(last = false) {
    clearTimeout(timer);
    if (stopped || !dirty || (sending && !last)) return;
    dirty = false;
    since = undefined;
    sending++;
    const done = await send(last);
    sending--;
    if (done) wait_ms = 0;
    else {
      dirty = true;
      wait_ms = Math.min(wait_ms * 2 || 2000, SLOWEST_MS);
    }
    if (dirty) later(wait_ms || QUIET_MS);
  }

  return {
    /** Something was typed. */
    change() {
      dirty = true;
      since ??= performance.now();
      if (!sending && !wait_ms) later(Math.max(0, Math.min(QUIET_MS, since + LONGEST_MS - performance.now())));
    },
    /** Saves now what is not saved; with *last* even while a save is under way. */
    flush,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The requests about one form. Each answers `{code, body}`, and never throws; a code of 0 is none. */
function server(address) {
  return async (method, body, last) => {
    try {
      const answer = await fetch(address, {
        method,
        ...(body && { body: JSON.stringify(body) }),
        headers: { "Content-Type": "application/json" },
        cache: "no-store",
        redirect: "error",
        keepalive: last,
        ...(!last && { signal: AbortSignal.timeout(LIMIT_MS) }),
      });
      return { code: answer.status, body: await answer.json() };
    } catch {
      return { code: 0 };
    }
  };
}

/**
 * Watches over one form from now on.
 *
 * @param controls returns the form's controls as they are at the moment; nothing when the form has
 *   left the document
 * @param ask a request, as `server` makes them
 * @param line where it is said: `say(text, offers)`, with the button to discard when it offers one
 */
export function watch(controls, ask, line, text) {
  let sheet; // what this page writes on
  let instead_of; // the sheet of the draft that came with it
  let serial = 0;
  let saved; // what the server has
  let fields; // what the form held when it was last looked at
  let restored = []; // the controls that were filled
  let filling = false;
  let offered = false;

  /** Gets a sheet, and the first time the draft. Answers whether there is one to write on. */
  async function open() {
    const { code, body } = await ask("GET");
    if (code && code < 500 && code !== 200) keeping.stop();
    if (code !== 200 || typeof body.sheet !== "string") return false;
    sheet = body.sheet;
    // Somebody may have typed before this script came.
    if (!offered && Object.keys(read(controls() ?? [])).length) keeping.change();
    saved = plain(offered ? {} : (body.draft?.fields ?? {}));
    // Later there may be another tab's, which is not ours to replace.
    if (!offered && body.draft) {
      instead_of = body.draft.sheet;
      change(() => (restored = fill(controls() ?? [], body.draft.fields)));
      // Not waited for: what is typed is kept whether or not there are words.
      if (restored.length) text.ready.then(() => line.say(text.kept(body.draft.age_ms), true));
    }
    offered = true;
    return true;
  }

  /** Changes the form, so that the page's own scripts notice and we take no notice. */
  function change(act) {
    filling = true;
    for (const el of act())
      for (const type of ["input", "change"]) el.dispatchEvent(new Event(type, { bubbles: true }));
    filling = false;
  }

  async function send(last) {
    if (!sheet && !(await opening) && !(await open())) return false;
    // A page that cannot reach the server is emptied. What it held is still to be saved.
    const there = controls();
    if (there) fields = read(there);
    // Leaving a field says that it has changed, long after it has.
    if (!fields || plain(fields) === saved) return true;
    const { code, body } = await ask("PUT", { sheet, serial: ++serial, instead_of, fields }, last);
    if (code === 200) saved = plain(fields);
    else if (body?.why === "dropped") await open();
    else if (body?.why === "elsewhere") {
      line.say(text.elsewhere);
      keeping.stop();
    } else if (code === 400 || code === 413) line.say(text.long);
    else if (code === 401 || code === 403 || code === 404) keeping.stop();
    // What is refused for good is done with, like what is kept.
    return !!code && code < 500 && body?.why !== "stale";
  }

  controls().forEach(wanted); // while passwords can still be told
  const keeping = saver(send);
  const opening = open();

  return {
    opening,
    flush: keeping.flush,
    stop: keeping.stop,
    /** A control of the form has changed. */
    change() {
      if (!filling) keeping.change();
    },
    /** The user does not want what was kept. */
    async discard() {
      const { code } = await ask("DELETE");
      if (code !== 200) return line.say(text.stays, true);
      line.say(text.discarded);
      restored[0]?.focus();
      change(() => {
        empty(restored);
        return restored;
      });
      await open();
    },
  };
}

/** The line inside the form. It is there before it speaks: what comes with its words is not heard. */
function makeLine(form, number, text, discard) {
  const box = document.createElement("div");
  const words = document.createElement("p");
  const button = document.createElement("button");
  box.className = "nightlatch-draft";
  box.dir = "auto";
  words.id = `nightlatch-draft-${number}`;
  words.setAttribute("role", "status");
  button.type = "button";
  button.setAttribute("aria-describedby", words.id);
  button.addEventListener("click", () => discard());
  box.append(words);
  form.prepend(box);
  return {
    box,
    say(said, offers) {
      box.lang = text.lang;
      button.textContent = text.discard;
      words.textContent = said;
      box.classList.add("nightlatch-draft-said");
      if (offers) box.append(button);
      else button.remove();
    },
  };
}

/**
 * Watches over the page's marked forms until *signal* is aborted.
 *
 * @param url where drafts are kept
 * @param who whose page this is, by the status document that came with it
 */
export function keep(url, who, signal) {
  const text = pageWords();
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("drafts.css", import.meta.url);
  document.head.append(sheet);
  signal.addEventListener("abort", () => sheet.remove());

  document.querySelectorAll("form[data-nightlatch-draft]").forEach((form, number) => {
    // A form's own properties may be hidden by fields of these names.
    const name = form.getAttribute("data-nightlatch-draft") || form.getAttribute("id") || "";
    const address = `${url}?${new URLSearchParams({ page: `${location.pathname}#${name}`, who })}`;
    const own = (el) => el.form === form;
    const controls = () =>
      form.isConnected ? [...document.querySelectorAll("input, select, textarea")].filter(own) : undefined;
    const line = makeLine(form, number, text, () => watched.discard());
    const watched = watch(controls, server(address), line, text);

    const listen = (target, types, heard) => {
      for (const type of types.split(" ")) target.addEventListener(type, heard, { signal });
    };
    listen(document, "input change", ({ target }) => own(target) && (wanted(target), watched.change()));
    listen(form, "reset", () => watched.change());
    listen(document, "nightlatch:warn nightlatch:hide", () => watched.flush());
    listen(window, "online", () => watched.flush());
    // The view that uses the form drops the draft, and whatever of ours arrives after it.
    listen(document, "submit", ({ target }) => target === form && watched.flush(true));
    listen(document, "visibilitychange", () => document.hidden && watched.flush(true));
    listen(window, "pagehide", () => watched.flush(true));
    signal.addEventListener("abort", () => {
      watched.stop();
      line.box.remove();
    });
  });
}
