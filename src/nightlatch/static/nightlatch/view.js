/** What the user sees, reads and hears: the dialog, the curtain before the page, and the words. */

// Screen readers hear the time when the dialog opens, and when it falls to one of these (seconds).
const SPOKEN = [10, 30, 60, 120, 300];
// Keys must have been left alone for so long before one of them can press a button.
const QUIET_MS = 1000;

/**
 * Remembers focus, caret or selection, and the popovers that a modal dialog closes. Returns a function
 * that puts them back.
 */
function remember() {
  // Browsers without popovers forgive what they do not know inside `:is()`.
  const popovers = document.querySelectorAll(":is(:popover-open)");
  // Either may be missing, in a hidden frame for one; that must not keep the curtain up.
  const el = document.activeElement;
  const caret = [el?.selectionStart, el?.selectionEnd, el?.selectionDirection];
  const selection = getSelection();
  const range = [selection?.anchorNode, selection?.anchorOffset, selection?.focusNode, selection?.focusOffset];
  return () => {
    try {
      popovers.forEach((each) => each.togglePopover(true));
      el.focus({ preventScroll: true });
      // A text field has a selection of its own; to set the document's would take its caret away.
      if (caret[0] >= 0) el.setSelectionRange(...caret);
      else selection.setBaseAndExtent(...range);
    } catch {
      // There was no selection, or what held it has gone.
    }
  };
}

/**
 * Makes the view. The dialog is a child of the root element, beside the body, so that it stays when
 * the body is hidden. It is modal, which lifts it above open dialogs of the page; and what it has to
 * say is inside it, because nothing outside an open modal dialog is heard.
 *
 * @param text the catalogue made by `words`
 * @param url where the sign-out form posts to
 * @param press called for the first button and for Escape
 */
export function view(text, url, press) {
  function make(tag, attributes, ...inside) {
    const el = document.createElement(tag);
    for (const name in attributes) el.setAttribute(name, attributes[name]);
    el.append(...inside);
    return el;
  }
  const title = make("h2", { id: "nightlatch-title" });
  const why = make("p", { id: "nightlatch-text" });
  const count = make("p", { class: "nightlatch-count", "aria-hidden": true });
  const live = make("p", { id: "nightlatch-live", role: "status" });
  const note = make("p", { class: "nightlatch-note", role: "alert" });
  const first = make("button", { type: "button" });
  const end = make("button");
  const form = make("form", { method: "post", action: url, "data-nightlatch-sign-out": "" }, end);
  const box = make(
    "dialog",
    {
      class: "nightlatch",
      dir: "auto",
      role: "alertdialog",
      "aria-labelledby": "nightlatch-title",
      "aria-describedby": "nightlatch-text nightlatch-live",
    },
    title, why, count, live, note, first, form,
  );

  let face; // which of the catalogue's texts is up
  let step; // which of SPOKEN was said last
  let key; // the time of the last key
  let quiet; // whether keys may press buttons
  // Both return nothing, so that each is done once.
  let back; // puts focus and caret back
  let lift; // lifts the curtain
  let name; // the page's own title
  let ours; // what stands in its place

  // A change is an announcement, so nothing is written twice.
  const say = (el, words = "") => el.textContent === words || (el.textContent = words);
  const calm = () => (quiet ||= performance.now() - key >= QUIET_MS);

  function raise() {
    if (!box.isConnected) document.documentElement.append(box);
    if (!box.open) box.showModal();
    first.focus();
  }

  function show(next, left_ms, word) {
    back ??= remember();
    const due = SPOKEN.find((seconds) => left_ms <= seconds * 1000);
    say(count, left_ms ? text.shown(left_ms) : "");
    if (face !== next || step !== due) say(live, left_ms ? text.left.replace("{}", text.spoken(left_ms)) : "");
    say(note, text[word]);
    step = due;
    // The words of another language may come when the dialog is up.
    if (face === next && box.lang === text.lang) return;
    if (!face) {
      key = performance.now();
      quiet = false;
    }
    face = next;
    say(title, text[face].title);
    say(why, text[face].text.replace("{}", () => text.time(left_ms)));
    say(first, text[face].press);
    say(end, text.end);
    box.lang = text.lang;
    form.hidden = !left_ms;
    raise();
  }

  box.addEventListener("keydown", (event) => {
    const typing = !calm() || event.repeat;
    const escape = event.key === "Escape";
    key = performance.now();
    if (typing || escape) event.preventDefault();
    if (escape) event.stopPropagation(); // it is not meant for the page
    if (escape && !typing) press();
  });
  // A click that no pointer made comes from a key, in some browsers from its release.
  box.addEventListener("click", (event) => {
    if (!event.detail && !calm()) event.preventDefault();
    else if (event.target === first) press();
  });
  // Other ways to dismiss a dialog, such as a phone's Back. Some cannot be prevented.
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    press();
  });
  box.addEventListener("close", () => face && raise());

  return {
    /**
     * Opens the dialog or moves it on. Its *face* is `idle` or `absolute`, for the limit that is
     * *left_ms* away, or `hidden`; *word* is what the catalogue says about how a question goes.
     */
    show,

    /**
     * Hears that the page opened a dialog or a popover, or went full screen, and comes out on top.
     * When we have gone, it is as the page wanted it.
     */
    rise({ target, newState }) {
      if (!face || target === box || newState === "closed") return;
      const [before, now] = [back, remember()];
      back = () => {
        now();
        before();
      };
      box.close();
      raise();
    },

    /** Closes the dialog; focus and caret are where they were. */
    close() {
      face = undefined;
      box.close();
      back = back?.();
    },

    /**
     * Hides all that the document shows, at once and whatever its style sheets say.
     *
     * `display: none` on the body takes the boxes of all that is in it: bare text, open dialogs and
     * popovers too. Important on the element itself is stronger than any style sheet; only a
     * transition could hold it up. It is set through the CSSOM, as a strict Content-Security-Policy
     * wants it.
     */
    conceal() {
      if (lift) return;
      back ??= remember();
      const { scrollX: left, scrollY: top } = window;
      const { style } = document.body;
      const { cssText } = style;
      lift = () => {
        style.cssText = cssText;
        scrollTo({ left, top, behavior: "instant" });
      };
      style.cssText += ";transition:none!important;display:none!important";
      if (face) show("hidden");
    },

    /** Shows the page as it was. */
    reveal() {
      lift = lift();
    },

    /** Takes the content out of the document, for good (OWASP ASVS 5.0, 14.3.1). */
    takeOut: () => document.body.replaceChildren(),

    /** Puts our title in the tab or takes it away; a title that the page sets meanwhile is kept. */
    tab(hidden) {
      if (hidden) {
        if (document.title !== ours) name = document.title;
        document.title = ours = title.textContent;
      } else if (document.title === ours) document.title = name;
    },

    /** Takes the dialog away. A curtain that is down stays down. */
    remove: () => box.remove(),
  };
}

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
  offline: "Not confirmed: you seem to be offline. We keep trying.",
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
        .filter((part) => part)
        .join(and),
    /** The time of day, by the user's own clock, *ms* from now. */
    time: (ms) => new Date(Date.now() + ms).toLocaleTimeString(lang, { timeStyle: "short" }),
  };
}

/**
 * The words for a page in the language of *tag*. They are English until that language's file has
 * come, and when it does not; `ready`, where there is one to come, waits for either.
 */
export function wordsOf(tag) {
  const text = words();
  const found = /^(?:ar|cy|de|es|fr|pl)\b/.exec(tag);
  if (found) text.ready = import(`./words.${found}.js`).then((file) => Object.assign(text, words(file.default)), () => {});
  return text;
}
