/**
 * The classic interface: a script that defines the global `sessionMonitor(options)` for pages that
 * were written for it, with or without jQuery. It shares everything but this file with the modules
 * beside it: `import()` fetches them from where this script came from, and whatever is called before
 * they are there waits for them.
 *
 * Options and methods, with their defaults, are in docs/browser.md.
 */
(() => {
  "use strict";
  const MINUTE_MS = 60_000;
  // WCAG 2.2, 2.2.1: what is announced leaves at least 20 seconds to answer.
  const LEAST_WARNING_MS = 20_000;
  const AGAIN_MS = 5_000;

  const here = new URL(document.currentScript.src);
  // Served by nightlatch's own routes, it knows where they are.
  const prefix = /^(.*)\/assets\/[^/]+\/session-monitor\.js$/.exec(here.origin === location.origin ? here.pathname : "");
  // A browser does not keep a failed import, so the next attempt asks again.
  const load = () =>
    import(new URL("session-monitor-core.js", here)).catch(() => new Promise((done) => setTimeout(() => done(load()), AGAIN_MS)));
  const loaded = load();
  let last;

  function check(self) {
    const need = (name, ok, allowed) => {
      if (!ok(self[name])) throw new TypeError(`sessionMonitor: ${name} is ${self[name]}, it must be ${allowed}`);
    };
    const text = (value) => typeof value === "string" && value !== "";
    const address = (value) => {
      try {
        return text(value) && new URL(value, location).protocol.startsWith("http");
      } catch {
        return false;
      }
    };
    const { sessionLifetime: lifetime_ms } = self;
    need("sessionLifetime", (ms) => ms > 0 && ms < Infinity, "milliseconds above 0");
    need(
      "timeBeforeWarning",
      (ms) => ms >= LEAST_WARNING_MS && ms < lifetime_ms,
      `milliseconds, at least ${LEAST_WARNING_MS} and less than sessionLifetime (${lifetime_ms})`,
    );
    need("minPingInterval", (ms) => ms >= 0 && ms < Infinity, "milliseconds, 0 or more");
    need("activityEvents", text, "names of events");
    for (const name of ["pingUrl", "logoutUrl", "timeoutUrl"]) need(name, address, "an http address or a path");
    for (const name of ["ping", "logout", "onwarning", "onextend", "onbeforetimeout", "ontimeout"])
      need(name, (value) => typeof value === "function", "a function");
  }

  /**
   * Watches over this page's session, and stops whoever did before.
   *
   * @param options whatever differs from the defaults below
   * @returns the options as they are used, with the methods. A method may be replaced later too
   * @throws TypeError an option that cannot be right, by name
   */
  window.sessionMonitor = (options) => {
    let ready; // resolves with what the modules made
    const later = (name) => (...args) => ready.then((core) => core[name](...args));
    const defaults = {
      sessionLifetime: 60 * MINUTE_MS,
      timeBeforeWarning: 10 * MINUTE_MS,
      minPingInterval: MINUTE_MS,
      activityEvents: "mouseup",
      pingUrl: "/ping",
      logoutUrl: "/logout",
      timeoutUrl: "/logout?timeout=1",
      ping: later("ping"),
      logout: later("logout"),
      onwarning() {}, // ours is shown
      onextend: later("unwarn"),
      onbeforetimeout() {},
      ontimeout: later("leave"),
    };
    // As with jQuery's extend, an option that is undefined is one that was not given.
    const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
    const self = { ...defaults, ...Object.fromEntries(given) };
    self.url ??= /^(.*)\/extend$/.exec(self.pingUrl)?.[1] ?? prefix?.[1];
    check(self);
    self.extendsess = () => void later("extendsess")();
    self.stop = later("stop");
    last?.stop();
    ready = loaded.then(({ watch }) => watch(self, defaults));
    last = self;
    return self;
  };
})();
