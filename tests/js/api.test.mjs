import assert from "node:assert/strict";
import test from "node:test";
import { clock, ended, load, settle, SECOND, status } from "./world.mjs";

const { api, isStatus } = await load("nightlatch.js");

/** The questions, with *answer* in place of the network; and what was sent. */
function asking(answer, { onLine = true } = {}) {
  const time = clock();
  const sent = [];
  Object.defineProperty(globalThis, "navigator", { value: { onLine }, configurable: true });
  globalThis.fetch = async (url, options) => {
    sent.push({ url, ...options });
    return answer(options);
  };
  return { ...api("/session"), ...time, sent };
}

const reply = (code, body) => () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status: code });

test("a 200 with a status document is believed, and counts from when it was asked for", async () => {
  const server = asking(async () => {
    await server.advance(3 * SECOND);
    return reply(200, status())();
  });

  const answer = await server.status();

  assert.deepEqual(answer.status, status());
  assert.equal(answer.since(), 3 * SECOND);
});

test("a 401 with the document of an ended session is believed", async () => {
  const { status: doc } = await asking(reply(401, ended("revoked"))).extend(0);

  assert.equal(doc.reason, "revoked");
});

const beyond = {
  "a 500": reply(500, "<h1>Sorry"),
  "a 500 that looks like a status document": reply(500, status()),
  "a 503 without a store": reply(503, { error: "The store does not answer." }),
  "a 403": reply(403, { error: "cross-site" }),
  "a captive portal's page": reply(200, "<!doctype html><title>Welcome"),
  "JSON cut short": reply(200, '{"state": "act'),
  "JSON of something else": reply(200, { ok: true }),
  "nothing": reply(200, ""),
  null: reply(200, "null"),
  "an active document without times": reply(200, { state: "active", who: "george", can_extend: true }),
  "a time that is a word": reply(200, status({ idle_ms: "soon" })),
  "a time that is not there": reply(200, status({ absolute_ms: null })),
  "an unknown state": reply(200, status({ state: "asleep" })),
  "nobody": reply(200, status({ who: undefined })),
  "a network that fails, or a redirect that is refused": () => {
    throw new TypeError("Failed to fetch");
  },
};
for (const [name, answer] of Object.entries(beyond))
  test(`no news about the session: ${name}`, async () => {
    assert.deepEqual(await asking(answer).status(), { trouble: "server" });
  });

test("a sign-out that the server could not confirm is told from one that did not arrive", async () => {
  const error = "could not be confirmed";

  assert.deepEqual(await asking(reply(503, { error, signed_out: "unconfirmed", noted: true })).end(), {
    unconfirmed: true,
  });
});

test("without a network the trouble is said to be that", async () => {
  const offline = asking(beyond["a network that fails, or a redirect that is refused"], { onLine: false });

  assert.deepEqual(await offline.extend(0), { trouble: "offline" });
});

test("an answer that takes longer than 10 seconds is given up", async () => {
  const server = asking(
    ({ signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  );
  const answer = server.status();

  await server.advance(10 * SECOND - 1);
  assert.equal(await Promise.race([answer, settle().then(() => "waiting")]), "waiting");
  await server.advance(1);

  assert.deepEqual(await answer, { trouble: "server" });
});

test("an answer leaves no timer behind", async () => {
  const server = asking(reply(200, status()));

  await server.status();

  assert.equal(server.timers.size, 0);
});

test("asking is a GET, the rest are POSTs of JSON, and nothing is cached or redirected", async () => {
  const server = asking(reply(200, status()));

  await server.status();
  await server.extend(1234, true);
  await server.end();
  await server.end("idle");

  assert.deepEqual(
    server.sent.map(({ method = "GET", url, body, keepalive }) => [method, url, body, !!keepalive]),
    [
      ["GET", "/session", undefined, false],
      ["POST", "/session/extend", '{"idle_for":1234}', true],
      ["POST", "/session/end", "{}", false],
      ["POST", "/session/end", '{"reason":"idle"}', false],
    ],
  );
  for (const { cache, redirect, headers } of server.sent)
    assert.deepEqual([cache, redirect, headers["Content-Type"]], ["no-store", "error", "application/json"]);
});

test("an anonymous visitor's document is one too", () => {
  assert.ok(isStatus({ ...ended(null), state: "anonymous" }));
});
