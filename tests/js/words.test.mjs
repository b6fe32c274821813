import assert from "node:assert/strict";
import test from "node:test";
import { load, settle } from "./world.mjs";

const { words, wordsOf } = await load("view.js");
const MINUTE = 60_000;
// What only some pages load has its English beside it.
const ENGLISH = {
  drafts: (await load("drafts-words.js")).en.drafts,
  again: (await load("again.js")).en.again,
};
const PARTS = Object.keys(ENGLISH);

test("the eye sees minutes and seconds, rounded up so that 0:00 is never early", () => {
  const { shown } = words();

  const seen = [10 * MINUTE, 10 * MINUTE - 1, 599_000, 61_000, 60_000, 59_001, 1000, 1, 0].map(shown);

  assert.deepEqual(seen, ["10:00", "10:00", "9:59", "1:01", "1:00", "1:00", "0:01", "0:01", "0:00"]);
});

test("the ear hears whole units with their plurals, and never none of one", () => {
  const { spoken } = words();

  const heard = [10 * MINUTE, 121_000, 60_000, 59_000, 1000, 1].map(spoken);

  assert.deepEqual(heard, [
    "10 minutes", "2 minutes 1 second", "1 minute", "59 seconds", "1 second", "1 second",
  ]);
});

// By language, the class of numbers that each of these is in, and how it is heard.
const HEARD = {
  es: [["one", 1, "1 minuto"], ["other", 2, "2 minutos"], ["other", 10, "10 minutos"]],
  fr: [["one", 1, "1 minute"], ["other", 2, "2 minutes"], ["other", 10, "10 minutes"]],
  de: [["one", 1, "1 Minute"], ["other", 2, "2 Minuten"], ["other", 10, "10 Minuten"]],
  cy: [
    ["one", 1, "1 munud"], ["two", 2, "2 funud"], ["few", 3, "3 munud"], ["other", 4, "4 munud"],
    ["many", 6, "6 munud"], ["other", 10, "10 munud"],
  ],
  pl: [
    ["one", 1, "1 minutę"], ["few", 2, "2 minuty"], ["few", 4, "4 minuty"], ["many", 5, "5 minut"],
    ["many", 12, "12 minut"], ["few", 22, "22 minuty"], ["many", 100, "100 minut"],
  ],
  ar: [
    ["one", 1, "دقيقة واحدة"], ["two", 2, "دقيقتين"], ["few", 3, "3 دقائق"], ["few", 10, "10 دقائق"],
    ["many", 11, "11 دقيقة"], ["many", 99, "99 دقيقة"], ["other", 100, "100 دقيقة"],
  ],
};
const SECONDS = {
  es: "1 segundo|2 segundos", fr: "1 seconde|2 secondes", de: "1 Sekunde|2 Sekunden",
  cy: "1 eiliad|2 eiliad", pl: "1 sekundę|2 sekundy", ar: "ثانية واحدة|ثانيتين",
};

/** The catalogue of one language, as a page with this tag loads it. */
async function catalogue(lang, tag = lang) {
  globalThis.document.documentElement = { lang: tag };
  const file = await load(`words.${lang}.js?${tag}`);
  return file.default;
}

for (const [lang, numbers] of Object.entries(HEARD)) {
  test(`${lang}: every class of whole numbers has its own form`, async () => {
    const { spoken } = words(await catalogue(lang));
    const rules = new Intl.PluralRules(lang);

    const heard = numbers.map(([, n]) => [rules.select(n), n, spoken(n * MINUTE)]);

    assert.deepEqual(heard, numbers);
    assert.equal([1000, 2000].map(spoken).join("|"), SECONDS[lang]);
    const classes = new Set(Array.from({ length: 200 }, (_, n) => rules.select(n + 1)));
    assert.deepEqual(new Set(numbers.map(([kind]) => kind)), classes, "a class is missing in this table");
  });

  test(`${lang}: it says all that English says, with a place for the time where English has one`, async () => {
    const english = words();
    const text = words(await catalogue(lang));

    assert.equal(text.lang, lang);
    for (const face of ["idle", "absolute", "hidden"])
      for (const part of ["title", "text", "press"]) {
        assert.ok(text[face][part], `${face}.${part}`);
        assert.equal(text[face][part].includes("{}"), english[face][part].includes("{}"), `${face}.${part}`);
        assert.notEqual(text[face][part], english[face][part]);
      }
    for (const key of ["end", "left", "wait", "offline", "server"]) {
      assert.ok(text[key], key);
      assert.equal(text[key].includes("{}"), english[key].includes("{}"), key);
    }
    assert.deepEqual(Object.keys(text).sort(), [...new Set([...Object.keys(english), ...PARTS, "unit", "and"])].sort());
    // Never "0 minutes", whatever the class of none.
    assert.equal(text.spoken(0), "");
    assert.equal(text.spoken(62_000), [text.spoken(MINUTE), text.spoken(2000)].join(text.and));
  });

  for (const part of PARTS)
    test(`${lang}: ${part} says there all that it says in English, and nothing more`, async () => {
      const english = ENGLISH[part];
      const own = (await catalogue(lang))[part];

      assert.deepEqual(Object.keys(own).sort(), Object.keys(english).sort());
      for (const key in english) {
        assert.ok(own[key].trim(), `${part}.${key}`);
        assert.deepEqual(own[key].match(/\{.*?\}/g)?.sort(), english[key].match(/\{.*?\}/g)?.sort(), `${part}.${key}`);
        assert.notEqual(own[key], english[key]);
        // A typewriter's apostrophe is none.
        assert.doesNotMatch(own[key], /['"]/);
      }
    });

  test(`${lang}: a page in it has English until the file has come, and then its own`, async () => {
    globalThis.document.documentElement = { lang };
    const text = wordsOf(lang);
    assert.equal(text.lang, "en");
    assert.equal(text.spoken(MINUTE), "1 minute");

    for (let i = 0; i < 50 && text.lang === "en"; i++) await settle();

    assert.equal(text.lang, lang);
    assert.equal(text.spoken(MINUTE), HEARD[lang][0][2]);
  });
}

test("a country's own digits are for the eye and for the ear", async () => {
  const { shown, spoken, time } = words(await catalogue("ar", "ar-EG"));

  assert.equal(shown(10 * MINUTE), "١٠:٠٠");
  assert.equal(spoken(11 * MINUTE), "١١ دقيقة");
  assert.match(time(0), /[٠-٩]/);
});

for (const tag of ["en", "en-GB", "", "nl", "frr", "en_GB", "xx-!"]) {
  test(`a page in “${tag}” has English, and nothing is asked for`, async () => {
    const text = wordsOf(tag);
    await settle();

    assert.equal(text.lang, "en");
    assert.equal(text.spoken(2 * MINUTE), "2 minutes");
  });
}

for (const tag of ["fr-CA", "de-AT", "ar-arab", "pl-latn-PL"]) {
  test(`a page in “${tag}” has that language's words`, async () => {
    globalThis.document.documentElement = { lang: tag };
    const text = wordsOf(tag);

    for (let i = 0; i < 50 && text.lang === "en"; i++) await settle();

    assert.equal(text.lang, tag.slice(0, 2));
  });
}
