/**
 * What the user reads and hears. A language is one object like this; the others are in files beside
 * this one, which only pages in that language load. `lang` is a BCP 47 tag, `{}` stands for a time.
 * `unit(n, name)` says so many of a `minute` or `second` in the case that `left` asks for, and `and`
 * stands between the two; English leaves both to `words`.
 */
const en = {
  lang: "en",
  idle: {
    title: "Are you still there?",
    text: "For your security we sign you out when you are inactive for a while.",
    press: "Stay signed in",
  },
  absolute: {
    title: "Your session is about to end",
    text: "For your security we sign you out at {}. Please save your work.",
    press: "Continue",
  },
  hidden: {
    title: "This page is hidden",
    text: "We are checking that you are still signed in.",
    press: "Try again",
  },
  end: "Sign out",
  left: "You will be signed out in {}.",
  wait: "One moment …",
  offline: "Not confirmed: you seem to be offline and we cannot reach the server. We keep trying.",
  server: "Not confirmed: we cannot reach the server. We keep trying.",
};

/** The catalogue and its ways to say a time. Spans are in milliseconds, rounded up to seconds. */
export function words(catalogue = en) {
  const {
    lang,
    and = " ",
    // Every browser knows the units of English. Other languages bring their own: of some, browsers
    // know the plurals and not the units, and then say them in English.
    unit = (n, name) => n.toLocaleString(lang, { style: "unit", unitDisplay: "long", unit: name }),
  } = catalogue;
  const parts = (ms, say) => {
    const seconds = Math.ceil(ms / 1000);
    return [Math.floor(seconds / 60), seconds % 60].map(say);
  };
  return {
    ...catalogue,
    /** For the eye: `10:00`. */
    shown: (ms) => parts(ms, (n, i) => n.toLocaleString(lang, { minimumIntegerDigits: 1 + i })).join(":"),
    /** For the ear: `10 minutes`, `1 minute 5 seconds`; a part that is zero is not said. */
    spoken: (ms) =>
      parts(ms, (n, i) => n && unit(n, i ? "second" : "minute"))
        .filter(Boolean)
        .join(and),
    /** The time of day, by the user's own clock, *ms* from now. */
    time: (ms) => new Date(Date.now() + ms).toLocaleTimeString(lang, { timeStyle: "short" }),
  };
}

/**
 * The words for a page in the language of *tag*. They are English until that language's file has
 * come, and when it does not.
 */
export function wordsOf(tag) {
  const text = words();
  const found = /^(?:ar|cy|de|es|fr|pl)\b/.exec(tag);
  if (found) import(`./words.${found}.js`).then((file) => Object.assign(text, words(file.default)), () => {});
  return text;
}
