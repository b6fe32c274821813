/** What goes over the wire: questions to the server, and hints to the other tabs. */
import { stopwatch } from "./phase.js";

// Longer than a slow mobile network needs, short enough for someone who watches a countdown.
const LIMIT_MS = 10000;

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
