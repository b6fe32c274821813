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

const KEEP_MS = 600000;
// Longer than a slow mobile network needs.
const LIMIT_MS = 10000;
const TAG = "script[data-nightlatch]";
// What an application may put round its form, so that its own complaints come along.
const FORM = "[data-nightlatch-sign-in]";
const PASSWORD = "input[type=password]";
// The hidden fields of the usual frameworks, and what an application marks itself.
const TOKENS = ["csrf_token", "csrfmiddlewaretoken", "authenticity_token", "_csrf", "_csrf_token", "_token"]
  .map((name) => `input[type=hidden][name="${name}"]`)
  .concat("input[data-nightlatch-token]")
  .join();
const META = "meta[name=csrf-token]";

const WORDS = {
  lang: "en",
  title: "Sign in again",
  text: "For your security you were signed out. Sign in as the same user, and this page is as you left it.",
  leave: "Leave this page",
  failed: "You are not signed in. Check what you have entered, and try again.",
  trouble: "We cannot reach the server. Your page is kept; try again.",
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
    call.onloadend = () => answer({ page: call.status < 500 ? call.response : null, url: call.responseURL, since });
    call.send(body);
  });
}

/** The form to sign in with, and what the application wants to stand round it. */
function signInForm(page) {
  const form = page?.querySelector(PASSWORD)?.form;
  return form && (form.closest(FORM) ?? form);
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
 * @param user a tag that is equal for the same user
 * @param go leaves for the page that says why the session ended
 * @param curtain the page's view, which shows it again
 * @param text the catalogue; absent: English
 */
export function again({ signInUrl, user, go, curtain, text = WORDS }) {
  const { body } = document;
  const kept = document.createDocumentFragment();
  const since = stopwatch();
  const life = new AbortController();
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
      lang: text.lang,
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
    clearTimeout(timer);
    line.close();
    box.remove();
  }

  function leave(how = go) {
    over();
    kept.replaceChildren();
    how();
  }

  const late = () => since() >= KEEP_MS && (leave(), true);

  /** Puts the content back if *page* is this page, shown to the same user. */
  function restore({ page, url, since: age }) {
    const tag = page?.querySelector(TAG);
    if (!tag) return false;
    if (url.split("#")[0] !== location.href.split("#")[0]) return false;
    if (tag.dataset.user !== user) leave(() => location.replace(location));
    else {
      renew(kept, page);
      over();
      body.append(kept);
      curtain.reveal();
      curtain.close();
      start(tag.dataset, age());
      document.dispatchEvent(new CustomEvent("nightlatch:resume"));
    }
    return true;
  }

  /** Looks whether somebody is signed in by now, here or in another tab. */
  async function look() {
    const answer = await load(location);
    if (life.signal.aborted || restore(answer)) return true;
    // Signed in, and this address shows nothing to whoever it is.
    if (answer.page?.querySelector(TAG)) return leave(() => location.replace(location)), true;
    return false;
  }

  function put(page, complaint = "") {
    const form = signInForm(page);
    if (form) {
      const address = form.querySelector(PASSWORD).form.action;
      const copy = document.importNode(form, true);
      for (const el of copy.querySelectorAll("script, style, link")) el.remove();
      const own = copy.matches("form") ? copy : copy.querySelector("form");
      own.action = address || signInUrl;
      own.addEventListener("submit", (event) => {
        event.preventDefault();
        send(own);
      });
      place.replaceChildren(copy);
    }
    note.textContent = complaint;
    const fields = [...place.querySelectorAll("input")].filter(({ type }) => type !== "hidden");
    (fields.find(({ value }) => !value) ?? leaving).focus();
  }

  async function send(form) {
    if (busy || late()) return;
    busy = true;
    const answer = await load(form.action, new URLSearchParams(new FormData(form)));
    busy = false;
    if (life.signal.aborted) return;
    if (!answer.page) note.textContent = text.trouble;
    else if (!restore(answer) && !(await look())) {
      // Something else than a password is asked for next: that is for the application's own page.
      if (signInForm(answer.page)) put(answer.page, text.failed);
      else leave();
    }
  }

  if (!body.hasChildNodes()) return go();
  const timer = setTimeout(late, KEEP_MS);
  // A tab in which the same user has signed in brings the others back.
  const line = channel(({ type }) => type === "status" && !busy && look());
  line.open();
  const { signal } = life;
  leaving.addEventListener("click", () => leave());
  // Escape must not cost anybody their work; there is a button that says what it does.
  box.addEventListener("cancel", (event) => event.preventDefault());
  box.addEventListener("close", () => !signal.aborted && box.showModal());
  document.addEventListener("visibilitychange", late, { signal });
  // Nothing is left for the back/forward cache, and no "Leave site?" keeps the page.
  addEventListener("pagehide", () => leave(() => {}), { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && go(), { once: true });
  addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true, signal });

  // The dialog's look must not leave with the content.
  document.head.append(...body.querySelectorAll("link[rel=stylesheet][href*=nightlatch]"));
  kept.append(...body.childNodes);
  document.documentElement.append(box);
  box.showModal();
  const address = new URL(signInUrl, location);
  address.searchParams.set("next", location.pathname + location.search);
  load(address).then(({ page }) => {
    if (signal.aborted) return;
    if (signInForm(page)) put(page);
    else leave();
  });
}
