/**
 * Signing in again without leaving the page (WCAG 2.2, 2.2.5). Loaded only where the application
 * has chosen it, and only when a session has timed out.
 *
 * What the page held is taken out of the document and kept in memory. The application's own sign-in
 * form stands in a dialog in its place. When the same user has signed in, the page is as it was, with
 * fresh tokens against forgery in its forms. Anybody else, *Leave*, or ten minutes: it is dropped.
 */
import { stopwatch } from "./monitor.js";
import { channel, start } from "./nightlatch.js";
import { wordsOf } from "./view.js";

const KEEP_MS = 600000;
// Timers stand still while a laptop sleeps, so the clock is looked at this often.
const LOOK_MS = 1000;
// Longer than a slow mobile network needs.
const LIMIT_MS = 10000;
const RETRY_MS = 5000;
const TAG = "script[data-nightlatch]";
// What an application may put round its form, so that its own complaints come along.
const FORM = "[data-nightlatch-sign-in]";
// The hidden fields of the usual frameworks, and what an application marks itself.
const TOKENS = ["csrf_token", "csrfmiddlewaretoken", "authenticity_token", "_csrf", "_csrf_token", "_token"]
  .map((name) => `input[type=hidden][name="${name}"]`)
  .concat("input[data-nightlatch-token]")
  .join();
const META = "meta[name=csrf-token]";

/** What the user reads here. The other languages have it in `again` of their files. */
export const en = {
  lang: "en",
  again: {
    title: "Sign in again",
    text: "For your security you were signed out. Sign in as the same user, and this page is as you left it.",
    leave: "Leave this page",
    failed: "You are not signed in. Check what you have entered, and try again.",
    trouble: "We cannot reach the server. Your page is kept; try again in a moment.",
  },
};

/**
 * Asks for a page by the one way that parses it without running it, and without a Trusted Types
 * policy. Answers with the document and a stopwatch from the moment it was asked for; never throws.
 */
function load(url, body) {
  const since = stopwatch();
  return new Promise((answer) => {
    const call = new XMLHttpRequest();
    call.open(body ? "POST" : "GET", url);
    call.responseType = "document";
    call.timeout = LIMIT_MS;
    call.onloadend = () => {
      const { status, response, responseURL } = call;
      answer({ page: status < 500 ? response : null, status, url: responseURL, since });
    };
    call.send(body);
  });
}

// A form's own properties may be hidden by fields of these names.
const target = (form) => new URL(form.getAttribute("action") ?? "", form.baseURI);

/**
 * The form to sign in with, if there is one that may be sent from here: not one to register or to
 * change a password, none that would put the password into an address or on another site.
 */
export function signInForm(page) {
  const mark = page?.querySelector(FORM);
  return [...(page?.querySelectorAll("form") ?? [])].find((form) => {
    const { length } = form.querySelectorAll("input[type=password]");
    return (
      (mark ? length && mark.contains(form) : length === 1) &&
      !form.querySelector("[autocomplete~=new-password]") &&
      /^post$/i.test(form.getAttribute("method")) &&
      target(form).origin === location.origin
    );
  });
}

/** Puts the tokens of the page as it is now into the forms of the page as it was. */
export function renew(old, fresh, head = document) {
  const forms = [...fresh.querySelectorAll("form")];
  const where = (form) => form?.getAttribute("action") ?? "";
  for (const input of old.querySelectorAll(TOKENS)) {
    const named = (root) => [...(root?.querySelectorAll(TOKENS) ?? [])].find(({ name }) => name === input.name);
    const twin = forms.find((form) => where(form) === where(input.form) && named(form));
    const found = named(twin ?? fresh);
    // The default too, or a form's reset would bring the dead one back.
    if (found) input.value = input.defaultValue = found.value;
  }
  const meta = head.querySelector(META);
  const news = fresh.querySelector(META);
  if (meta && news) meta.content = news.content;
}

/**
 * Stands a sign-in dialog in the place of the page's content.
 *
 * @param signInUrl the application's sign-in page
 * @param user a tag that is equal for the same user; without one nobody is, and the page leaves
 * @param go leaves for the page that says why the session ended
 * @param curtain the page's view, which shows it again
 */
export async function again({ signInUrl, user, go, curtain }) {
  const { body } = document;
  if (!user || !body.hasChildNodes()) return go();
  const words = wordsOf(document.documentElement.lang);
  await words.ready;
  const { lang, again: text } = words.again ? words : en;
  const kept = document.createDocumentFragment();
  const since = stopwatch();
  const life = new AbortController();
  const { signal } = life;
  const { title } = document;
  const make = (tag, attributes, ...inside) => {
    const el = document.createElement(tag);
    for (const name in attributes) el.setAttribute(name, attributes[name]);
    el.append(...inside);
    return el;
  };
  const note = make("p", { class: "nightlatch-note", role: "alert" });
  const place = make("div");
  const leaving = make("button", { type: "button" }, text.leave);
  const box = make(
    "dialog",
    {
      class: "nightlatch",
      lang,
      dir: "auto",
      "aria-labelledby": "nightlatch-again",
      "aria-describedby": "nightlatch-again-text",
    },
    make("h2", { id: "nightlatch-again" }, text.title),
    make("p", { id: "nightlatch-again-text" }, text.text),
    note, place, make("form", {}, leaving),
  );
  let busy;

  function over() {
    life.abort();
    clearInterval(timer);
    line.close();
    box.remove();
  }

  function leave(how = go) {
    over();
    kept.replaceChildren();
    curtain.close(); // it remembers what had the focus, and by that the rest
    how();
  }

  // An address with a hash is not asked for again by going there.
  const anew = () => leave(() => (location.hash ? location.reload() : location.replace(location)));
  const late = () => since() >= KEEP_MS && (leave(), true);

  /** Puts the content back if *page* is this page, shown to the same user. */
  function restore({ page, status, url, since: age }) {
    const tag = page?.querySelector(TAG);
    if (!tag || url !== location.href.split("#")[0]) return false;
    if (late()) return true;
    // The server may refuse now what it has shown before.
    if (status > 399 || tag.dataset.user !== user) anew();
    else {
      renew(kept, page);
      over();
      if (document.title === text.title) document.title = title;
      body.append(kept);
      curtain.reveal();
      for (const el of modals) {
        el.removeAttribute("open");
        el.showModal();
      }
      curtain.close();
      start(tag.dataset, age());
      document.dispatchEvent(new CustomEvent("nightlatch:resume"));
    }
    return true;
  }

  /** Looks whether somebody is signed in by now, here or in another tab. */
  async function look() {
    const answer = await load(location);
    if (signal.aborted || restore(answer)) return true;
    // Signed in, and this address shows nothing to whoever it is.
    return !!answer.page?.querySelector(TAG) && (anew(), true);
  }

  /** Fetches the form, again and again while the server cannot be reached. */
  async function ask(complaint = "") {
    const answer = await load(address);
    if (signal.aborted || restore(answer)) return;
    const form = signInForm(answer.page);
    if (form) put(form, complaint);
    else if (!answer.page) {
      note.textContent = text.trouble;
      setTimeout(() => signal.aborted || ask(complaint), RETRY_MS);
    } else if (!(await look())) {
      if (complaint) note.textContent = complaint;
      else leave();
    }
  }

  function put(form, complaint) {
    const { href } = target(form);
    const root = form.ownerDocument.documentElement;
    const copy = document.importNode(form.closest(FORM) ?? form, true);
    for (const el of copy.querySelectorAll("script, style, link")) el.remove();
    place.lang = root.lang;
    place.dir = root.dir || "ltr";
    place.replaceChildren(copy);
    const own = signInForm(place);
    own.addEventListener("submit", (event) => {
      const { submitter } = event;
      // Another way in: that is for the application's own page.
      if (submitter?.hasAttribute("formaction")) return;
      event.preventDefault();
      const data = new FormData(own, submitter);
      send(href, /^multipart/i.test(own.getAttribute("enctype")) ? data : new URLSearchParams(data));
    });
    note.textContent = complaint;
    const empty = [...own.querySelectorAll("input")].find((el) => !el.value && el.offsetParent);
    (empty ?? leaving).focus();
  }

  async function send(href, data) {
    if (busy || late()) return;
    busy = true;
    const answer = await load(href, data);
    const { page, status, url } = answer;
    const done = signal.aborted || restore(answer) || (page && (await look()));
    busy = false;
    if (done) return;
    const form = signInForm(page);
    if (!page) note.textContent = text.trouble;
    else if (form) put(form, text.failed);
    // Refused without a form: too often, too many places, a form that was too old.
    else if (status > 399 && url === href) ask(page.querySelector(FORM)?.textContent.trim() || text.failed);
    // Something else than a password is asked for next: that is for the application's own page.
    else leave();
  }

  const timer = setInterval(late, LOOK_MS);
  // A tab in which the same user has signed in brings the others back.
  const line = channel(({ type }) => type === "status" && !busy && look());
  line.open();
  leaving.addEventListener("click", () => leave());
  // Escape must not cost anybody their work; there is a button that says what it does.
  box.addEventListener("cancel", (event) => event.preventDefault());
  box.addEventListener("close", () => signal.aborted || box.showModal());
  document.addEventListener("visibilitychange", late, { signal });
  // Nothing is left for the back/forward cache, and no "Leave site?" keeps the page.
  addEventListener("pagehide", () => leave(() => addEventListener("pageshow", go, { once: true })), { signal });
  addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true, signal });

  // The dialog's look must not leave with the content.
  document.head.append(...body.querySelectorAll("link[rel=stylesheet][href*=nightlatch]"));
  const modals = [...body.querySelectorAll("dialog:modal")];
  kept.append(...body.childNodes);
  document.title = text.title;
  document.documentElement.append(box);
  box.showModal();
  const address = new URL(signInUrl, location);
  address.searchParams.set("next", location.pathname + location.search);
  ask();
}
