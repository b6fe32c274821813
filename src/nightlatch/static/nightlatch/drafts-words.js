/** What the user reads about drafts. The other languages have it in `drafts` of their files. */
import { wordsOf } from "./view.js";

export const en = {
  lang: "en",
  drafts: {
    kept: "We kept what you had typed on {day} at {time}.",
    discard: "Discard",
    discarded: "It is discarded.",
    stays: "It could not be discarded, because we cannot reach the server. Please try again.",
    elsewhere: "This form is also open in another tab. What you type there is kept, what you type here is not.",
    long: "This form holds more than we can keep. Please send it before you go.",
  },
};

/** The catalogue, and its way to say when a draft was kept, by the user's own clock and calendar. */
export function words({ lang, drafts } = en) {
  const same = (tag) => tag?.split("-")[0] === lang.split("-")[0];
  // The page may be in a regional form of the same language: its days and hours are written so.
  const region = [document.documentElement.lang, navigator.language].find(same) ?? lang;
  const say = (date, options) => {
    try {
      return date.toLocaleString(region, options);
    } catch {
      return date.toLocaleString(lang, options); // no language tag at all
    }
  };
  return {
    ...drafts,
    lang,
    /** What was kept *age_ms* ago. */
    kept(age_ms) {
      const date = new Date(Date.now() - age_ms);
      return drafts.kept
        .replace("{day}", () => say(date, { day: "numeric", month: "long" }))
        .replace("{time}", () => say(date, { timeStyle: "short" }));
    },
  };
}

/** The words for this page, English until its language's have come; `ready` waits for that. */
export function pageWords() {
  const text = words();
  const page = wordsOf(document.documentElement.lang);
  text.ready = Promise.resolve(page.ready).then(() => page.drafts && Object.assign(text, words(page)));
  return text;
}
