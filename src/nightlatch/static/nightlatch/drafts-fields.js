/** What of a form is kept, and how it is put back. Pure but for the controls that it is given. */

const NEVER = new Set(["password", "hidden", "file", "submit", "button", "image", "reset"]);
const SECRET = /(^|\s)(cc-\S+|one-time-code|(current|new)-password)(\s|$)/i;

// A password stays one when the page shows it in plain text.
const passwords = new WeakSet();

/** Whether this control may be kept: what is secret, and what the user does not write, never is. */
export function wanted(el) {
  if (el.type === "password") passwords.add(el);
  return !(
    !el.name ||
    el.disabled ||
    el.readOnly ||
    NEVER.has(el.type) ||
    passwords.has(el) ||
    SECRET.test(el.getAttribute("autocomplete") ?? "") ||
    el.closest("[data-no-draft]")
  );
}

const ticks = (el) => el.type === "checkbox" || el.type === "radio";

/** What a control holds, as texts. */
function is(el) {
  if (ticks(el)) return el.checked ? [el.value] : [];
  if (el.options) return [...el.options].filter((one) => one.selected).map((one) => one.value);
  return [el.value];
}

/** What it held when the page came. */
function was(el) {
  if (ticks(el)) return el.defaultChecked ? [el.value] : [];
  if (!el.options) return [el.defaultValue];
  const options = [...el.options];
  const marked = options.filter((one) => one.defaultSelected);
  if (el.multiple || el.size > 1) return marked.map((one) => one.value);
  // A menu always shows one: the last that is marked, else the first that can be chosen.
  const shown = marked.at(-1) ?? options.find((one) => !one.disabled);
  return shown ? [shown.value] : [];
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function groups(controls) {
  const found = new Map();
  for (const el of controls) if (wanted(el)) found.set(el.name, [...(found.get(el.name) ?? []), el]);
  return [...found].map(([name, all]) => ({ name, all, is: all.flatMap(is), was: all.flatMap(was) }));
}

/** What differs from the page as it came: by name, what the fields hold and what they held then. */
export const read = (controls) =>
  Object.fromEntries(
    groups(controls)
      .filter((field) => !same(field.is, field.was))
      .map((field) => [field.name, { is: field.is, was: field.was }]),
  );

/**
 * Puts a draft back. A field is filled only while it is as it came with the page, and came as it did
 * when the draft was written: nothing that was typed since, or that the server knows better, is lost.
 *
 * @returns the controls that were changed
 */
export function fill(controls, fields) {
  const kept = new Map(Object.entries(fields));
  const changed = [];
  for (const field of groups(controls)) {
    const draft = kept.get(field.name);
    if (!draft || !same(field.is, field.was) || !same(field.was, draft.was)) continue;
    const left = [...draft.is];
    for (const el of field.all) {
      const before = is(el);
      if (ticks(el)) el.checked = left.includes(el.value);
      else if (!el.options) el.value = left.shift() ?? "";
      else if (el.multiple || [...el.options].some((one) => left.includes(one.value)))
        for (const one of el.options) one.selected = left.includes(one.value);
      if (!same(before, is(el))) changed.push(el);
    }
  }
  return changed;
}

/** Puts controls back to what they were when the page came. */
export function empty(controls) {
  for (const el of controls) {
    const before = was(el);
    if (ticks(el)) el.checked = el.defaultChecked;
    else if (el.options) for (const one of el.options) one.selected = before.includes(one.value);
    else el.value = el.defaultValue;
  }
}
