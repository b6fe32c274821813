// What a typed page writes. Each line below that expects an error would compile if a declaration
// said too little.
import { read, start, stop, type ActiveStatus, type Options, type Status } from "../../src/nightlatch/static/nightlatch/nightlatch.js";
import "../../src/nightlatch/static/nightlatch/session-monitor.js";

const status: ActiveStatus = {
  state: "active",
  reason: null,
  idle_ms: 3_540_000,
  absolute_ms: 43_200_000,
  warn_ms: 600_000,
  can_extend: true,
  who: "O’Connor",
};
const options: Options = { status, pingEveryMs: 60_000, url: "/session", endedUrl: "/logged-out", active: "" };

start();
start(options, 0);
start(document.querySelector("script")!.dataset);
stop();
const understood: Status = read(options).status;
if (understood.state === "active") understood.idle_ms.toFixed();
// @ts-expect-error: endedUrl is missing
start({ status, pingEveryMs: 1, url: "/session" });
// @ts-expect-error: not an option
start({ ...options, idle: 5 });
// @ts-expect-error: an ended session has no time left
(understood as import("../../src/nightlatch/static/nightlatch/nightlatch.js").EndedStatus).idle_ms;

document.addEventListener("nightlatch:warn", ({ detail }) => detail.warn_ms.toFixed());
document.addEventListener("nightlatch:extend", ({ detail }) => detail.who.length);
document.addEventListener("nightlatch:end", ({ detail }) => detail.reason);

// jQuery's Deferred, as far as it matters here.
declare const deferred: { then(done: (value: string) => void, failed?: (reason: unknown) => void): unknown };

const monitor = window.sessionMonitor({
  sessionLifetime: 59 * 60_000,
  timeBeforeWarning: 10 * 60_000,
  minPingInterval: 60_000,
  activityEvents: "mouseup keyup",
  pingUrl: "/ping",
  logoutUrl: "/logout",
  timeoutUrl: "/logout?timeout=1",
  url: "/session",
  ping: (idle_for) => fetch("/ping", { method: "POST", body: JSON.stringify({ idle_for }) }),
  logout: () => location.assign("/logout"),
  onwarning() {},
  onextend() {},
  onbeforetimeout: () => deferred,
  ontimeout: (reason) => location.replace(`/bye?${reason}`),
});
document.addEventListener("click", monitor.extendsess);
monitor.stop().then(() => monitor.timeBeforeWarning / 60_000);
monitor.onbeforetimeout = () => Promise.reject("whatever");
sessionMonitor();
// @ts-expect-error: milliseconds, not a text
sessionMonitor({ sessionLifetime: "1 hour" });
// @ts-expect-error: not an option
sessionMonitor({ sessionLifeTime: 1 });
