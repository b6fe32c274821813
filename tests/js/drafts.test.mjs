import assert from "node:assert/strict";
import test from "node:test";
import { clock, load, settle } from "./world.mjs";

const { read, fill, empty, wanted } = await load("drafts-fields.js");
const { saver, watch } = await load("drafts.js");
const { pageWords, words } = await load("drafts-words.js");

// Controls as a document has them, as far as a form's fields go.

function control(type, name, values = {}) {
  const { autocomplete = null, inside = null, ...more } = values;
  return {
    type,
    name,
    disabled: false,
    readOnly: false,
    heard: [],
    getAttribute: (which) => (which === "autocomplete" ? autocomplete : null),
    closest: (selector) => (selector === inside ? {} : null),
    dispatchEvent({ type }) {
      this.heard.push(type);
    },
    focus() {
      this.focused = true;
    },
    ...more,
  };
}
const text = (name, value = "", defaultValue = "", more) => control("text", name, { value, defaultValue, ...more });
const tick = (type, name, value, checked = false, defaultChecked = false) =>
  control(type, name, { value, checked, defaultChecked });
const menu = (name, options, more = {}) =>
  control("select-one", name, {
    multiple: false,
    size: 0,
    options: options.map(([value, selected = false, defaultSelected = false, disabled = false]) => ({
      value, selected, defaultSelected, disabled,
    })),
    ...more,
  });
const chosen = (el) => el.options.filter((one) => one.selected).map((one) => one.value);

test("only what differs from the page as it came is kept, with what it was then", () => {
  const form = [
    text("payee", "O’Connor 😀"),
    text("amount", "5", "5"),
    control("textarea", "note", { value: "a\nb", defaultValue: "b" }),
    control("date", "when", { value: "2026-11-24", defaultValue: "" }),
    tick("checkbox", "extra", "a", true),
    tick("checkbox", "extra", "b", false, true),
    tick("radio", "speed", "slow", false, true),
    tick("radio", "speed", "fast", true),
    menu("account", [["1"], ["2", true]]),
    menu("same", [["1"], ["2", true, true]]),
    menu("untouched", [["", true]]),
    menu("several", [["x", true], ["y", true, true]], { multiple: true }),
    text("twice", "one"),
    text("twice", "two", "two"),
  ];

  assert.deepEqual(read(form), {
    payee: { is: ["O’Connor 😀"], was: [""] },
    note: { is: ["a\nb"], was: ["b"] },
    when: { is: ["2026-11-24"], was: [""] },
    extra: { is: ["a"], was: ["b"] },
    speed: { is: ["fast"], was: ["slow"] },
    account: { is: ["2"], was: ["1"] },
    several: { is: ["x", "y"], was: ["y"] },
    twice: { is: ["one", "two"], was: ["", "two"] },
  });
});

test("a menu whose first entry cannot be chosen came with the next one", () => {
  const disabled = menu("a", [["", false, false, true], ["1", true]]);
  const none = menu("b", [["", false, false, true]]);
  const list = menu("c", [["1"], ["2"]], { size: 4 });

  assert.deepEqual(read([disabled, none, list]), {});
});

for (const [what, el] of Object.entries({
  "a password": text("x", "s", "", { type: "password" }),
  "a hidden field": text("x", "s", "", { type: "hidden" }),
  "a file": text("x", "s", "", { type: "file" }),
  "a button": text("x", "s", "", { type: "submit" }),
  "a card's number": text("x", "s", "", { autocomplete: "section-a billing cc-number" }),
  "a card's code": text("x", "s", "", { autocomplete: "CC-CSC" }),
  "a one-time code": text("x", "s", "", { autocomplete: "one-time-code" }),
  "a password that is shown": text("x", "s", "", { autocomplete: "current-password" }),
  "what is marked, or inside what is marked": text("x", "s", "", { inside: "[data-no-draft]" }),
  "what has no name": text("", "s"),
  "what is disabled": text("x", "s", "", { disabled: true }),
  "what is read-only": text("x", "s", "", { readOnly: true }),
})) {
  test(`${what} is never kept, and never filled`, () => {
    const kept = read([el]);
    const changed = fill([el], { x: { is: ["t"], was: [""] }, "": { is: ["t"], was: [""] } });

    assert.deepEqual([kept, changed, el.value], [{}, [], "s"]);
  });
}

test("a password stays one when the page shows it as text", () => {
  const el = text("pin", "s", "", { type: "password" });
  wanted(el);

  el.type = "text";

  assert.deepEqual(read([el]), {});
});

test("an address's autocomplete is no card's", () => {
  assert.deepEqual(Object.keys(read([text("x", "s", "", { autocomplete: "billing street-address" })])), ["x"]);
});

test("a form is put back as it was", () => {
  const form = [
    text("payee"),
    tick("checkbox", "extra", "a", false),
    tick("checkbox", "extra", "b", true, true),
    tick("radio", "speed", "slow", true, true),
    tick("radio", "speed", "fast"),
    menu("account", [["1", true], ["2"]]),
    menu("several", [["x"], ["y", true, true]], { multiple: true }),
    text("twice"),
    text("twice", "two", "two"),
    text("other", "mine"),
  ];

  const changed = fill(form, {
    payee: { is: ["O’Connor"], was: [""] },
    extra: { is: ["a"], was: ["b"] },
    speed: { is: ["fast"], was: ["slow"] },
    account: { is: ["2"], was: ["1"] },
    several: { is: ["x"], was: ["y"] },
    twice: { is: ["one", "two"], was: ["", "two"] },
    gone: { is: ["x"], was: [""] },
  });

  assert.deepEqual(form.map((el) => (el.options ? chosen(el) : (el.checked ?? el.value))), [
    "O’Connor", true, false, false, true, ["2"], ["x"], "one", "two", "mine",
  ]);
  assert.deepEqual(changed, form.slice(0, 8));
});

test("what was typed meanwhile, and what the server says otherwise, is left alone", () => {
  const typed = text("payee", "Somebody else");
  const newer = text("amount", "7", "7");
  const asCame = text("note");

  const changed = fill([typed, newer, asCame], {
    payee: { is: ["old"], was: [""] },
    amount: { is: ["5"], was: [""] },
    note: { is: ["n"], was: [""] },
  });

  assert.deepEqual([typed.value, newer.value, changed], ["Somebody else", "7", [asCame]]);
});

test("a menu that no longer offers the choice keeps what it shows", () => {
  const account = menu("account", [["1", true], ["3"]]);

  const changed = fill([account], { account: { is: ["2"], was: ["1"] } });

  assert.deepEqual([chosen(account), changed], [["1"], []]);
});

test("a draft that is short of a text leaves that field empty", () => {
  const second = text("twice", "b", "b");

  fill([text("twice", "a", "a"), second], { twice: { is: ["x"], was: ["a", "b"] } });

  assert.equal(second.value, "");
});

test("emptied, a form is as it came", () => {
  const form = [
    text("payee", "x", "came"),
    tick("checkbox", "extra", "a", true),
    menu("account", [["1"], ["2", true]]),
  ];

  empty(form);

  assert.deepEqual([form[0].value, form[1].checked, chosen(form[2])], ["came", false, ["1"]]);
});

// When it is saved

function saves(answers = []) {
  const time = clock();
  const sent = [];
  const began = performance.now();
  const waiting = [];
  const save = saver((last) => {
    sent.push([performance.now() - began, last]);
    const answer = answers.shift() ?? true;
    return answer === "hold" ? new Promise((done) => waiting.push(done)) : Promise.resolve(answer);
  });
  return { ...time, save, sent, waiting };
}

test("it is saved a second after the last change, once", async () => {
  const { save, sent, advance } = saves();
  save.change();
  await advance(900);
  save.change();

  await advance(5000);

  assert.deepEqual(sent, [[1900, false]]);
});

test("it is saved every five seconds while somebody goes on typing", async () => {
  const { save, sent, advance } = saves();

  for (let n = 0; n < 24; n++) {
    save.change();
    await advance(500);
  }

  assert.deepEqual(sent.map(([at]) => at), [5000, 10_000]);
});

test("a failed save is repeated, ever more slowly, and changes in between do not hurry it", async () => {
  const { save, sent, advance } = saves([false, false, false, true]);
  save.change();
  await advance(2000);
  save.change();

  await advance(60_000);

  assert.deepEqual(sent.map(([at]) => at), [1000, 3000, 7000, 15_000]);
});

test("it never waits longer than a minute", async () => {
  const { save, sent, advance } = saves(Array(12).fill(false));
  save.change();

  await advance(600_000);

  const gaps = sent.slice(1).map(([at], i) => at - sent[i][0]);
  assert.equal(Math.max(...gaps), 60_000);
});

test("changes while a save is under way make one more", async () => {
  const { save, sent, waiting, advance } = saves(["hold"]);
  save.change();
  await advance(1000);
  save.change();
  save.flush();
  await advance(9000);
  assert.equal(sent.length, 1);

  waiting[0](true);
  await settle();
  await advance(1000);

  assert.deepEqual(sent.map(([at]) => at), [1000, 11_000]);
});

test("a page that goes away saves at once, also while a save is under way", async () => {
  const { save, sent, advance } = saves(["hold"]);
  save.change();
  await advance(1000);
  save.change();

  save.flush(true);
  save.flush(true);

  assert.deepEqual(sent, [[1000, false], [1000, true]]);
});

test("nothing is saved that did not change, and nothing after the end", async () => {
  const { save, sent, waiting, timers, advance } = saves(["hold"]);
  save.flush();
  save.flush(true);
  assert.deepEqual(sent, []);
  save.change();
  await advance(1000);
  save.change();

  save.stop();
  waiting[0](false);
  await settle();
  save.change();
  save.flush(true);
  await advance(60_000);

  assert.equal(sent.length, 1);
  assert.equal(timers.size, 0);
});

// One form and the server

async function form({ answers = {}, controls = [text("payee"), text("note")], draft = null, ready = Promise.resolve() } = {}) {
  const time = clock();
  const asked = [];
  const said = [];
  let sheets = 0;
  const usual = {
    GET: () => ({ code: 200, body: { sheet: `sheet ${++sheets}`, draft: sheets > 1 ? null : draft } }),
    PUT: () => ({ code: 200, body: { kept: true } }),
    DELETE: () => ({ code: 200, body: { dropped: true } }),
  };
  const ask = async (method, body, last) => {
    asked.push({ method, body, last });
    return (answers[method]?.shift() ?? usual[method])();
  };
  const text_ = { kept: (ms) => `kept ${ms}`, discarded: "discarded", stays: "stays", elsewhere: "elsewhere", long: "long", ready };
  const place = { controls };
  const watched = watch(() => place.controls, ask, { say: (...what) => said.push(what) }, text_);
  // As the page does, which hears of everything that bubbles.
  for (const el of controls) el.dispatchEvent = ({ type }) => (el.heard.push(type), watched.change());
  await settle();
  const type = async (el, value) => {
    el.value = value;
    watched.change();
    await time.advance(1000);
  };
  return { ...time, place, watched, controls, asked, said, type, puts: () => asked.filter((one) => one.method === "PUT").map((one) => one.body) };
}
const refused = (why) => () => ({ code: 409, body: { why } });
const failed = (code) => () => ({ code, body: {} });

test("a draft is filled in, said and heard by the page, and not saved again", async () => {
  const { controls, said, puts, advance, watched } = await form({
    draft: { sheet: "old", age_ms: 90, fields: { payee: { is: ["O’Connor"], was: [""] } } },
  });

  watched.change(); // leaving a field says so too
  await advance(60_000);

  assert.equal(controls[0].value, "O’Connor");
  assert.deepEqual([controls[0].heard, controls[1].heard], [["input", "change"], []]);
  assert.deepEqual(said, [["kept 90", true]]);
  assert.deepEqual(puts(), []);
});

test("a page goes on with the draft that it was given, save by save", async () => {
  const { controls, type, puts } = await form({
    draft: { sheet: "old", age_ms: 90, fields: { payee: { is: ["O’Connor"], was: [""] } } },
  });

  await type(controls[1], "a");
  await type(controls[1], "ab");

  assert.deepEqual(
    puts().map(({ sheet, serial, instead_of, fields }) => [sheet, serial, instead_of, fields.note.is]),
    [["sheet 1", 1, "old", ["a"]], ["sheet 1", 2, "old", ["ab"]]],
  );
});

test("filling in is no change: what could not be filled in stays with the server", async () => {
  const { puts, advance } = await form({
    draft: { sheet: "old", age_ms: 1, fields: { payee: { is: ["x"], was: [""] }, gone: { is: ["y"], was: [""] } } },
  });

  await advance(60_000);

  assert.deepEqual(puts(), []);
});

test("a draft of which nothing can be filled in is not spoken of", async () => {
  const { said } = await form({
    draft: { sheet: "old", age_ms: 90, fields: { gone: { is: ["x"], was: [""] } } },
  });

  assert.deepEqual(said, []);
});

test("an untouched form is never saved, and one that was emptied again is", async () => {
  const { controls, type, watched, advance, puts } = await form();
  watched.change();
  await advance(2000);
  assert.deepEqual(puts(), []);

  await type(controls[0], "x");
  await type(controls[0], "");

  assert.deepEqual(puts().map((body) => body.fields), [{ payee: { is: ["x"], was: [""] } }, {}]);
});

test("after its draft was used the page gets a new sheet, and saves with the next change", async () => {
  const { controls, type, asked, puts, advance } = await form({ answers: { PUT: [refused("dropped")] } });
  await type(controls[0], "late");
  await advance(60_000);
  assert.deepEqual(asked.map((one) => one.method), ["GET", "PUT", "GET"]);

  await type(controls[0], "new");

  assert.deepEqual(puts().map((body) => body.sheet), ["sheet 1", "sheet 2"]);
});

test("a draft that another tab has begun since is not taken over", async () => {
  const other = () => ({ code: 200, body: { sheet: "s", draft: { sheet: "other tab", age_ms: 1, fields: {} } } });
  const { controls, type, puts } = await form({
    answers: { GET: [() => ({ code: 200, body: { sheet: "first", draft: null } }), other], PUT: [refused("dropped")] },
  });
  await type(controls[0], "late");

  await type(controls[0], "new");

  assert.equal(puts()[1].instead_of, undefined);
});

test("when another tab's is kept it says so, and stops", async () => {
  const { controls, type, said, puts } = await form({ answers: { PUT: [refused("elsewhere")] } });

  await type(controls[0], "a");
  await type(controls[0], "b");

  assert.deepEqual(said, [["elsewhere"]]);
  assert.equal(puts().length, 1);
});

for (const code of [400, 413])
  test(`a form that is too much (${code}) is said to be, and saved when it is shorter`, async () => {
    const { controls, type, said, puts } = await form({ answers: { PUT: [failed(code)] } });

    await type(controls[0], "too long");
    await type(controls[0], "short");

    assert.deepEqual(said, [["long"]]);
    assert.equal(puts().length, 2);
  });

for (const code of [401, 403, 404])
  test(`after a ${code} nothing more is sent`, async () => {
    const { controls, type, puts } = await form({ answers: { PUT: [failed(code)] } });

    await type(controls[0], "a");
    await type(controls[0], "b");

    assert.equal(puts().length, 1);
  });

for (const answer of [failed(500), failed(503), () => ({ code: 0 }), refused("stale")])
  test(`what was not heard is sent again: ${JSON.stringify(answer())}`, async () => {
    const { controls, type, puts, advance } = await form({ answers: { PUT: [answer] } });

    await type(controls[0], "a");
    await advance(2000);

    assert.deepEqual(puts().map((body) => body.serial), [1, 2]);
  });

test("without a sheet nothing is sent, and it is asked for again", async () => {
  const draft = { sheet: "old", age_ms: 5, fields: { payee: { is: ["O’Connor"], was: [""] } } };
  const late = () => ({ code: 200, body: { sheet: "late", draft } });
  const { controls, type, asked, said, puts, advance } = await form({ answers: { GET: [failed(503), failed(503), late] } });

  await type(controls[1], "a");
  assert.deepEqual(asked.map((one) => one.method), ["GET", "GET"]);
  await advance(2000);

  assert.deepEqual(said, [["kept 5", true]]);
  assert.equal(controls[0].value, "O’Connor");
  assert.deepEqual(puts().map((body) => [body.sheet, Object.keys(body.fields)]), [["late", ["payee", "note"]]]);
});

for (const answer of [failed(404), failed(401), refused("other-session")])
  test(`a page that gets no sheet for good is quiet: ${JSON.stringify(answer())}`, async () => {
    const { controls, type, asked } = await form({ answers: { GET: [answer] } });

    await type(controls[0], "a");

    assert.deepEqual(asked.map((one) => one.method), ["GET"]);
  });

test("a 200 that is no answer of ours is none", async () => {
  const { controls, type, puts } = await form({ answers: { GET: [failed(200)] } });

  await type(controls[0], "a");

  assert.deepEqual(puts().map((body) => body.sheet), ["sheet 1"]);
});

test("discarded, the filled fields are as they came, the others stay, and focus is in the form", async () => {
  const { controls, watched, said, asked, advance } = await form({
    draft: { sheet: "old", age_ms: 9, fields: { payee: { is: ["O’Connor"], was: [""] } } },
  });
  controls[1].value = "mine";

  await watched.discard();
  await advance(60_000);

  assert.deepEqual(controls.map((el) => el.value), ["", "mine"]);
  assert.ok(controls[0].focused);
  assert.deepEqual(controls[0].heard, ["input", "change", "input", "change"]);
  assert.deepEqual(said.at(-1), ["discarded"]);
  assert.deepEqual(asked.map((one) => one.method), ["GET", "DELETE", "GET"]);
});

test("what cannot be discarded stays, and can be tried again", async () => {
  const { controls, watched, said } = await form({
    answers: { DELETE: [() => ({ code: 0 })] },
    draft: { sheet: "old", age_ms: 9, fields: { payee: { is: ["O’Connor"], was: [""] } } },
  });

  await watched.discard();

  assert.equal(controls[0].value, "O’Connor");
  assert.deepEqual(said.at(-1), ["stays", true]);
});

test("a password that is shown before anything was saved is one all the same", async () => {
  const pin = text("pin", "s", "", { type: "password" });
  const { type, puts } = await form({ controls: [pin, text("note")] });

  pin.type = "text";
  await type(pin, "secret");

  assert.deepEqual(puts(), []);
});

test("what could not be saved is saved after the page was emptied, and not the emptiness", async () => {
  const { controls, place, type, puts, advance } = await form({ answers: { PUT: [failed(503)] } });
  await type(controls[0], "half a form");
  place.controls = undefined;

  await advance(2000);

  assert.deepEqual(puts().map((body) => body.fields.payee.is), [["half a form"], ["half a form"]]);
});

test("a page that is emptied before it was given its sheet fills in nothing", async () => {
  const draft = { sheet: "old", age_ms: 5, fields: { payee: { is: ["O’Connor"], was: [""] } } };
  const late = () => ({ code: 200, body: { sheet: "late", draft } });
  const { place, watched, said, puts, advance } = await form({ answers: { GET: [failed(503), late] } });
  place.controls = undefined;
  watched.change();

  await advance(60_000);

  assert.deepEqual([said, puts().map((body) => body.fields)], [[], []]);
});

test("on its way out the page saves what it has, past its own end", async () => {
  const { controls, watched, asked } = await form();
  controls[0].value = "just typed";
  watched.change();

  watched.flush(true);

  assert.deepEqual([asked[1].method, asked[1].last], ["PUT", true]);
});

// Words

test("when it was kept is said by the user's clock, in the page's own form of the language", () => {
  const { START } = clock();
  const day = new Date(START - 60_000);
  const said = (lang, language) => {
    globalThis.document = { documentElement: { lang } };
    Object.defineProperty(globalThis, "navigator", { value: { language }, configurable: true });
    return words().kept(60_000).replaceAll("\u202f", " ");
  };
  const time = (tag) => day.toLocaleString(tag, { timeStyle: "short" }).replaceAll("\u202f", " ");

  assert.equal(said("en-GB", "fr"), `We kept what you had typed on ${day.getDate()} November at ${time("en-GB")}.`);
  assert.equal(said("fr", "en-US"), `We kept what you had typed on November ${day.getDate()} at ${time("en-US")}.`);
  // English words with a French date would be a sentence in no language.
  assert.equal(said("nl", "fr"), `We kept what you had typed on November ${day.getDate()} at ${time("en")}.`);
  assert.equal(said("en-", "de"), said("", "de"));
});

for (const lang of ["ar", "cy", "de", "es", "fr", "pl"]) {
  test(`${lang}: the line is in it when its file has come, and English until then`, async () => {
    const { START } = clock();
    globalThis.document = { documentElement: { lang } };
    const text = pageWords();
    const day = new Date(START - 60_000).toLocaleString(lang, { day: "numeric", month: "long" });
    assert.equal(text.discard, "Discard");
    assert.equal(text.lang, "en");

    await text.ready;

    const file = await load(`words.${lang}.js`);
    assert.equal(text.lang, lang);
    assert.equal(text.discard, file.default.drafts.discard);
    assert.ok(text.kept(60_000).includes(day));
    assert.doesNotMatch(text.kept(60_000), /[{}]/);
  });
}

test("in a country with digits of its own the date has them", async () => {
  clock();
  globalThis.document = { documentElement: { lang: "ar-EG" } };
  const { default: arabic } = await load("words.ar.js?drafts");

  assert.match(words(arabic).kept(60_000), /[\u0660-\u0669]/);
  assert.doesNotMatch(words(arabic).kept(60_000), /[0-9]/);
});

test("a page in another language has English, at once", async () => {
  globalThis.document = { documentElement: { lang: "nl" } };
  const text = pageWords();

  await text.ready;

  assert.equal(text.lang, "en");
});

test("words that do not come keep nothing from being kept, and the line waits for them", async () => {
  let come;
  const { controls, type, said, puts } = await form({
    draft: { sheet: "old", age_ms: 9, fields: { payee: { is: ["O’Connor"], was: [""] } } },
    ready: new Promise((done) => (come = done)),
  });

  await type(controls[1], "a");
  assert.deepEqual([controls[0].value, puts().length, said], ["O’Connor", 1, []]);

  come();
  await settle();
  assert.deepEqual(said, [["kept 9", true]]);
});
