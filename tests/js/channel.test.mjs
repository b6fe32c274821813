import assert from "node:assert/strict";
import test from "node:test";
import { clock, ended, load, status } from "./world.mjs";

const { channel, credible } = await load("nightlatch.js");
const { START } = clock();

const message = (changes) => ({
  v: 1, who: "george", type: "status", status: status(), at: START - 10, ping: START - 20, ...changes,
});

test("a status and an end of our own making are credible", () => {
  assert.ok(credible(message()));
  assert.ok(credible(message({ ping: -Infinity })));
  assert.ok(credible(message({ type: "ended", status: ended() })));
  assert.ok(credible(message({ at: START + 900 })));
});

const garbage = {
  nothing: undefined,
  null: null,
  "a word": "ended",
  "a number": 1,
  "an empty object": {},
  "another version": message({ v: 2 }),
  "an unknown type": message({ type: "extend" }),
  "no stamp": message({ at: undefined }),
  "a stamp that is a word": message({ at: "now" }),
  "a stamp in the future": message({ at: START + 1001 }),
  "an extend in the future": message({ ping: START + 3_600_000 }),
  "an end without a document": message({ type: "ended", status: null }),
  "an end in the future": message({ type: "ended", at: START + 5000 }),
  "a status without times": message({ status: { state: "active", who: "george" } }),
  "a status of somebody else": message({ status: status({ who: "ana" }) }),
  "a status that has ended": message({ status: ended() }),
};
for (const [name, said] of Object.entries(garbage))
  test(`not credible: ${name}`, () => {
    assert.ok(!credible(said));
  });

test("only what is credible is passed on", () => {
  const lines = [];
  globalThis.BroadcastChannel = class {
    constructor(name) {
      lines.push(Object.assign(this, { name, said: [] }));
    }
    postMessage(said) {
      this.said.push(said);
    }
    close() {
      this.closed = true;
    }
  };
  const heard = [];
  const tabs = channel((said) => heard.push(said));
  tabs.open();
  const [line] = lines;

  for (const data of [message(), ...Object.values(garbage)]) line.onmessage({ data });
  tabs.send({ type: "ended" });
  tabs.close();
  tabs.send({ type: "ended" });

  assert.equal(line.name, "nightlatch");
  assert.deepEqual(heard, [message()]);
  assert.deepEqual(line.said, [{ v: 1, type: "ended" }]);
  assert.ok(line.closed);
});

test("it opens once, and again after it was closed", () => {
  let made = 0;
  globalThis.BroadcastChannel = class {
    constructor() {
      made += 1;
    }
    close() {}
  };
  const tabs = channel(() => {});

  tabs.open();
  tabs.open();
  tabs.close();
  tabs.open();

  assert.equal(made, 2);
});

for (const [name, kind] of Object.entries({
  "that is not there": undefined,
  "that throws": class {
    constructor() {
      throw new Error("denied");
    }
  },
}))
  test(`a BroadcastChannel ${name} leaves the tab on its own`, () => {
    globalThis.BroadcastChannel = kind;
    const tabs = channel(() => {});

    tabs.open();
    tabs.send({});
    tabs.close();
  });
