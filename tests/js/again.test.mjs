import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./world.mjs";

const { renew } = await load("again.js");

// A document as far as its forms, its tokens and the tag in its head go.

function page(forms, meta) {
  const all = forms.map(({ action = null, tokens }) => {
    const form = { getAttribute: () => action, querySelectorAll: () => form.tokens };
    form.tokens = Object.entries(tokens).map(([name, value]) => ({ name, value, defaultValue: value, form }));
    return form;
  });
  const tag = meta && { content: meta };
  return {
    tag,
    tokens: all.flatMap((form) => form.tokens),
    querySelector: () => tag ?? null,
    querySelectorAll: (selector) => (selector === "form" ? all : all.flatMap((form) => form.tokens)),
  };
}
const values = ({ tokens }) => tokens.map(({ value }) => value);
const NOTHING = page([]);

test("each form gets the token that its twin has now", () => {
  const old = page([
    { action: "/pay", tokens: { csrf_token: "old pay" } },
    { action: "/leave", tokens: { csrf_token: "old leave" } },
    { tokens: { csrf_token: "old here" } },
  ]);
  const fresh = page([
    { tokens: { csrf_token: "new here" } },
    { action: "/leave", tokens: { csrf_token: "new leave" } },
    { action: "/pay", tokens: { csrf_token: "new pay" } },
  ]);

  renew(old, fresh, NOTHING);

  assert.deepEqual(values(old), ["new pay", "new leave", "new here"]);
});

test("to reset such a form does not bring the dead token back", () => {
  const old = page([{ tokens: { _token: "old" } }]);

  renew(old, page([{ tokens: { _token: "new" } }]), NOTHING);

  assert.equal(old.tokens[0].defaultValue, "new");
});

test("a form that the page no longer has gets the token of the page", () => {
  const old = page([{ action: "/gone", tokens: { csrf_token: "old" } }]);

  renew(old, page([{ action: "/other", tokens: { csrf_token: "new" } }]), NOTHING);

  assert.deepEqual(values(old), ["new"]);
});

test("a token outside of any form is renewed too", () => {
  const old = page([{ tokens: { csrf_token: "old" } }]);
  old.tokens[0].form = null;

  renew(old, page([{ action: "/a", tokens: { csrf_token: "new" } }]), NOTHING);

  assert.deepEqual(values(old), ["new"]);
});

test("tokens of two names are not mixed up, and one that is no longer written stays", () => {
  const old = page([{ action: "/a", tokens: { csrf_token: "old", _csrf: "old", mine: "old" } }]);

  renew(old, page([{ action: "/a", tokens: { _csrf: "new 2", csrf_token: "new 1" } }]), NOTHING);

  assert.deepEqual(values(old), ["new 1", "new 2", "old"]);
});

test("the token that scripts read is renewed where both pages have one", () => {
  const head = page([], "old");
  const without = page([]);

  renew(NOTHING, page([], "new"), head);
  renew(NOTHING, page([], "new"), without);
  assert.equal(head.tag.content, "new");

  renew(NOTHING, without, head);
  assert.equal(head.tag.content, "new");
});
