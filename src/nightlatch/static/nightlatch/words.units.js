/** Plurals, for the languages that have files of their own. */

/**
 * Returns the `unit` of a catalogue.
 *
 * @param lang whose classes of numbers and digits they are
 * @param forms for `minute` and `second` an object with a form for each class of whole numbers (CLDR's
 *   names, as told by `Intl.PluralRules`), in which `{}` stands for the number; a class without one,
 *   such as the millions of French, takes `other`
 */
export function units(lang, forms) {
  const rules = new Intl.PluralRules(lang);
  return (n, name) => (forms[name][rules.select(n)] ?? forms[name].other).replace("{}", n.toLocaleString(lang));
}
