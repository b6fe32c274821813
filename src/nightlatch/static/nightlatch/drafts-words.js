/** What the user reads about drafts; a language is one object like this, as in `view.js`. */
const en = {
  lang: "en",
  kept: "We kept what you had typed on {day} at {time}.",
  discard: "Discard",
  discarded: "It is discarded.",
  stays: "It could not be discarded, because we cannot reach the server. Please try again.",
  elsewhere: "This form is also open in another tab. What you type there is kept, what you type here is not.",
  long: "This form holds more than we can keep. Please send it before you go.",
};

/** The catalogue, and its way to say when a draft was kept, by the user's own clock and calendar. */
export function words(catalogue = en) {
  const { lang } = catalogue;
  // The page may be in a regional form of the same language: its days and hours are written so.
  const region = [document.documentElement.lang, navigator.language].find((tag) => tag?.split("-")[0] === lang);
  const say = (date, options) => {
    try {
      return date.toLocaleString(region, options);
    } catch {
      return date.toLocaleString(lang, options); // no language tag at all
    }
  };
  return {
    ...catalogue,
    /** What was kept *age_ms* ago. */
    kept(age_ms) {
      const date = new Date(Date.now() - age_ms);
      return catalogue.kept
        .replace("{day}", () => say(date, { day: "numeric", month: "long" }))
        .replace("{time}", () => say(date, { timeStyle: "short" }));
    },
  };
}
