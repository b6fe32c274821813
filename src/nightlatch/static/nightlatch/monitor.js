/** Where a session stands, and what its page does as it grows old. Imports nothing. */

// The server is asked so long before the warning, and waited for no longer.
const AHEAD_MS = 1000;
// Hidden for so long and without an answer, the content leaves the document.
const KEEP_MS = 10000;
// Failed questions are repeated after 1, 2, 4 ... and at most so many milliseconds.
const SLOWEST_MS = 30000;
// What another tab was told longer ago than this is no news, however it comes to arrive so late.
const FRESH_MS = 60000;
// setTimeout fires at once beyond this.
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Where a session stands. Pure; the same rule is written in Python, and both are held to
 * `tests/vectors/phases.json`.
 *
 * @param status the server's status document
 * @param elapsed_ms milliseconds since the request for it was sent; a negative count (a clock that
 *   was set back) is none
 * @returns `phase`: `active`, `warning` or `over`; `which` limit is the nearer one: `absolute` when
 *   they tie, because staying would move nothing; `remaining_ms` until it, never negative; `next_ms`
 *   until the phase changes (0 when it is over)
 */
export function phase({ idle_ms, absolute_ms, warn_ms }, elapsed_ms) {
  const remaining_ms = Math.max(0, Math.min(idle_ms, absolute_ms) - Math.max(0, elapsed_ms));
  const active = remaining_ms > warn_ms;
  return {
    phase: active ? "active" : remaining_ms ? "warning" : "over",
    which: absolute_ms <= idle_ms ? "absolute" : "idle",
    remaining_ms,
    next_ms: active ? remaining_ms - warn_ms : remaining_ms,
  };
}

/**
 * Returns a function that tells how many milliseconds ago this was, by the clock that saw more.
 *
 * The wall clock sees a laptop's sleep, in which most monotonic clocks stand still; the monotonic
 * clock sees through a wall clock that was set back. The larger of the two can end a session too
 * early only, and then the server is asked before anything is lost.
 *
 * @param age_ms how long ago it already is
 */
export function stopwatch(age_ms = 0) {
  const wall = Date.now() - age_ms;
  const mono = performance.now() - age_ms;
  return () => Math.max(0, Date.now() - wall, performance.now() - mono);
}

/**
 * What the page does as its session grows old. It begins when it is made.
 *
 * There is one deadline, recomputed on every wake from the server's last answer. The page is `open`,
 * `warned` (the dialog is up), `hidden` (the curtain is down and the server is asked), or `gone` (on
 * its way out, or in the back/forward cache).
 *
 * @param status the status document that came with the page
 * @param since a stopwatch from the moment the page was asked for
 * @param arrived the same, when asking for it was activity that the server's record may not show
 *   yet. It is worth no ping of its own
 * @param ping_every_ms the least time between two extends, over all tabs
 * @param world what it acts on: `api`, `channel`, `view`, and `page`: `emit(name, doc)`, `end(reason)`,
 *   `reload()`
 */
export function monitor(status, since, arrived, ping_every_ms, { api, channel, view, page }) {
  let mode = "open";
  let input; // the last input of all tabs, if it was here and the server has not been told
  let pinged = () => Infinity; // the last extend of any tab
  let extending;
  let staying; // Stay was pressed and is not confirmed
  let dismissed; // the user knows of the absolute limit
  let asked; // the question before a warning
  let asking; // the question under way
  let shut; // the moment the curtain fell
  let taken; // the content has left the document
  let why; // the reason that another tab gave for the end
  let trouble; // why the last question had no answer
  let tried = pinged;
  let wait_ms = 0;
  let timer;

  const look = () => phase(status, since());
  const ago = (stopwatch) => Date.now() - stopwatch?.();
  const tell = (type, doc = status) =>
    channel.send({ type, who: status.who, status: doc, at: ago(since), ping: ago(pinged), seen: ago(input) });
  const due_ms = () => (staying ? wait_ms - tried() : ping_every_ms - pinged());

  /** Looks at the clocks and does what is due. Every wake ends here. */
  function check() {
    if (mode === "gone") return;
    wait(1000); // whatever may go wrong below, the deadline is looked at again
    const now = look();
    const active = now.phase === "active";
    if (now.phase === "over" && mode !== "hidden") hide();
    if (mode === "hidden") {
      if (shut() >= KEEP_MS && !taken) {
        taken = true;
        view.takeOut();
      }
      if (trouble || shut() >= AHEAD_MS) view.show("hidden", 0, trouble);
      if (!asking && tried() >= wait_ms) ask();
    } else if (mode !== "gone") {
      if (active && now.next_ms > AHEAD_MS) asked = undefined;
      else if (!asked) {
        asked = stopwatch();
        if ((input ?? arrived) && status.can_extend) extend();
        else ask();
      }
      if (active) {
        dismissed = false;
        mode = "open";
        view.close();
      } else if ((asked.answered || asked() >= AHEAD_MS) && !dismissed) {
        const news = mode === "open";
        mode = "warned";
        view.show(now.which, now.remaining_ms, staying && (trouble ?? "wait"));
        if (news) page.emit("warn", status);
      }
      if (input && !extending && due_ms() <= 0) extend();
    }
    view.tab(mode === "warned" && document.hidden);
    sleep(now);
  }

  /**
   * One timer. A visible page wakes at every second of the countdown, because the timers of a
   * suspended laptop stand still; so does a page that waits for something. A tab in the background
   * wakes for what is next only.
   */
  function sleep({ next_ms, remaining_ms }) {
    if (mode === "gone") return; // someone heard the warning, and stopped us
    let ms = next_ms > AHEAD_MS && !asked ? next_ms - AHEAD_MS : next_ms;
    if (!document.hidden || mode === "hidden" || staying || (asked && mode === "open"))
      ms = Math.min(ms || 1000, remaining_ms % 1000 || 1000);
    if (input && !extending) ms = Math.min(ms, due_ms());
    wait(Math.min(ms, LONGEST_MS));
  }

  function wait(ms) {
    clearTimeout(timer);
    timer = setTimeout(check, ms);
  }

  function hide() {
    mode = "hidden";
    shut = stopwatch();
    asking = trouble = staying = taken = undefined;
    wait_ms = 0;
    view.conceal();
    page.emit("hide", status);
  }

  async function ask() {
    const now = look();
    const question = (asking = now.phase === "over" ? api.end(now.which) : api.status());
    const answer = await question;
    // Hiding asks anew. The answer to the older question may still be news.
    if (asking === question) asking = undefined;
    hear(answer);
  }

  async function extend() {
    const told = input ?? arrived;
    extending = true;
    pinged = stopwatch();
    tell("status"); // so that the other tabs need not ping for a while
    const answer = await api.extend(Math.round(told()));
    extending = false;
    if (answer.status) {
      arrived = undefined;
      if (input === told) input = staying = undefined;
    }
    hear(answer, true);
  }

  function hear({ status: doc, since: sent, trouble: kind }, extended) {
    if (mode === "gone") return;
    if (asked) asked.answered = true;
    trouble = kind;
    if (doc) {
      if (doc.state !== "active") return end(doc);
      if (doc.who !== status.who) return leave(page.reload);
      if (sent() <= since()) {
        status = doc;
        since = sent;
        tell("status");
        if (extended) page.emit("extend", doc);
      }
      // Only the answer to a question put after the curtain fell can lift it.
      if (mode === "hidden" && sent() <= shut() && look().phase !== "over") {
        if (taken) return leave(page.reload);
        mode = "open";
        view.reveal();
      }
    }
    wait_ms = doc && mode !== "hidden" ? 0 : Math.min(wait_ms * 2 || 1000, SLOWEST_MS);
    // Up to half of it earlier, so that not all the tabs of a town ask a server at once that is back.
    tried = stopwatch((wait_ms / 2) * Math.random());
    check();
  }

  // A browser whose cookie has gone is told of nobody's session, so the reason is known here only.
  function end(doc, reason = doc.reason ?? why ?? (look().phase === "over" ? look().which : "")) {
    tell("ended", { ...doc, reason });
    page.emit("end", doc);
    leave(() => page.end(reason));
  }

  function leave(go) {
    mode = "gone";
    input = undefined;
    clearTimeout(timer);
    view.conceal();
    go();
  }

  /** Something happened after which it is worth to look again, and to ask again. */
  function wake() {
    wait_ms = 0;
    check();
  }

  channel.open();
  tell("status");
  check();

  return {
    wake,

    /** Whether the page is on its way out. */
    gone: () => mode === "gone",

    /** The user did something. A deadline that has passed is seen first: nothing revives it. */
    input() {
      check();
      if (mode !== "open" || !status.can_extend) return;
      const first = !input;
      input = stopwatch();
      if (due_ms() <= 0) check();
      else if (first) tell("status"); // so that the tab that was used before forgets its own
    },

    /** The dialog's first button, or Escape. */
    press() {
      if (mode === "warned") {
        if (status.can_extend) {
          input = staying = stopwatch();
        } else {
          dismissed = true;
          mode = "open";
          view.close();
        }
      }
      trouble = undefined;
      wake();
    },

    /** Signs out. When the server cannot be reached, *native* sends the form the ordinary way. */
    async signOut(native) {
      if (mode === "gone") return;
      leave(() => {});
      const { status: doc, unconfirmed } = await api.end();
      if (unconfirmed) end({ ...status, state: "ended" }, "signed-out-unconfirmed");
      else if (!doc || doc.state === "active") native();
      else end(doc, "signed-out");
    },

    /** Another tab said something credible. */
    message({ type, who, status: doc, at, ping, seen }) {
      if (mode === "gone") return;
      const sent = stopwatch(Date.now() - at);
      const newer = sent() < Math.min(since(), FRESH_MS);
      if (who !== status.who) {
        // Perhaps someone else signed in. Only the server knows.
        if (newer && type === "status" && !asking) ask();
        return;
      }
      const heard = stopwatch(Date.now() - ping);
      if (heard() < pinged()) pinged = heard;
      if (!staying && stopwatch(Date.now() - seen)() < input?.()) input = undefined;
      // Both requests may have been under way at once, so an end counts if it is a little older.
      if (type === "ended") {
        why = doc.reason;
        if (mode !== "hidden" && sent() < since() + KEEP_MS) hide();
      } else if (newer && mode === "hidden") wait_ms = 0;
      else if (newer) {
        status = doc;
        since = sent;
      }
      check();
    },

    /** The page goes away, perhaps into the back/forward cache, where nothing may be left to see. */
    pageHide() {
      if (input) api.extend(Math.round(input()), true);
      leave(channel.close);
    },

    /** The page is shown; when it came from that cache, only after the server was asked. */
    pageShow({ persisted }) {
      if (persisted) {
        channel.open();
        extending = false;
        hide();
      }
      wake();
    },

    stop() {
      mode = "gone";
      clearTimeout(timer);
      channel.close();
      view.remove();
    },
  };
}
