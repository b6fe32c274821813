/*
 * Moves this page's clocks and takes its network away, so that each situation can be tried by hand.
 * A classic script before all others: what it replaces must be replaced when they begin.
 */
{
  const now = Date.now.bind(Date);
  const mono = performance.now.bind(performance);
  const ask = window.fetch.bind(window);
  const moved = { wall: 0, mono: 0 };
  const wrong = new Set();
  let ended;

  Date.now = () => now() + moved.wall;
  performance.now = () => mono() + moved.mono;
  window.fetch = (address, options) => {
    const ours = new URL(address, location).pathname.startsWith("/session");
    if (!ours || !wrong.size) return ask(address, options);
    if (wrong.has("offline")) return Promise.reject(new TypeError("The network was taken away."));
    if (wrong.has("portal")) return Promise.resolve(new Response("<!doctype html><title>Guest network</title>"));
    return Promise.resolve(new Response("{}", { status: 500 }));
  };
  Object.defineProperty(navigator, "onLine", { get: () => !wrong.has("offline") });

  const tell = (path, fields = {}) => {
    const form = document.getElementById("play-token");
    const body = new URLSearchParams(new FormData(form));
    for (const name in fields) body.set(name, fields[name]);
    return ask(path, { method: "POST", body, keepalive: true });
  };

  /** The bank's clock and this page's wall clock move on; a sleeping machine's other clock stands. */
  const skip = async (ms, asleep) => {
    // Once it was ended elsewhere this page may move its own clocks only, and that is enough.
    const moves = ended || (await tell("/playground/skip", { seconds: Math.max(1, Math.ceil(ms / 1000)) })).ok;
    if (!moves) return log("The bank's clock could not be moved.");
    moved.wall += ms;
    if (!asleep) moved.mono += ms;
    document.dispatchEvent(new Event("visibilitychange"));
  };

  const log = (text) => {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date(Date.now()).toLocaleTimeString("en-GB");
    line.append(time, ` ${text}`);
    document.getElementById("play-log").prepend(line);
  };

  let status;
  let heard;
  const left = () => Math.min(status.idle_ms, status.absolute_ms) - (Date.now() - heard);
  const hear = (document_) => {
    if (!document_?.idle_ms) return;
    status = document_;
    heard = Date.now();
    const span = (ms) => (ms < 120_000 ? `${Math.round(ms / 1000)}\u00a0s` : `${Math.round(ms / 60_000)}\u00a0min`);
    document.getElementById("play-heard").textContent =
      `idle in ${span(status.idle_ms)}, absolute in ${span(status.absolute_ms)}`;
  };

  const acts = {
    away: ({ seconds }) => skip(seconds * 1000),
    warn: () => skip(Math.max(1000, left() - status.warn_ms)),
    sleep: () => skip(Math.max(1000, left() + status.warn_ms), true),
    elsewhere: async () => {
      ended = (await tell("/playground/end-elsewhere")).ok;
      log(ended ? "The session was ended elsewhere." : "Refused.");
    },
  };
  const toggle = (button) => {
    const { play } = button.dataset;
    if (!wrong.delete(play)) wrong.add(play);
    button.setAttribute("aria-pressed", wrong.has(play));
    log(`${button.textContent}: ${wrong.has(play) ? "yes" : "no"}`);
    if (!wrong.size) dispatchEvent(new Event("online"));
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("play-without").remove();
    hear(JSON.parse(document.querySelector("script[data-nightlatch]").dataset.status));
    for (const button of document.querySelectorAll("[data-play]"))
      button.addEventListener("click", () => (acts[button.dataset.play] ? acts[button.dataset.play](button.dataset) : toggle(button)));
  });
  for (const name of ["warn", "extend", "end", "resume"])
    document.addEventListener(`nightlatch:${name}`, ({ detail }) => {
      log(name === "end" ? `nightlatch:end, reason ${detail.reason}` : `nightlatch:${name}`);
      hear(detail);
    });
}
