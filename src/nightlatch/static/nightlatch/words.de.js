/** German. */
import { units } from "./words.units.js";

export default {
  lang: "de",
  idle: {
    title: "Sind Sie noch da?",
    text: "Zu Ihrer Sicherheit melden wir Sie ab, wenn Sie eine Weile nichts tun.",
    press: "Angemeldet bleiben",
  },
  absolute: {
    title: "Ihre Sitzung endet bald",
    text: "Zu Ihrer Sicherheit melden wir Sie um {} ab. Bitte speichern Sie Ihre Arbeit.",
    press: "Weiter",
  },
  hidden: {
    title: "Diese Seite ist verborgen",
    text: "Wir prüfen, ob Sie noch angemeldet sind.",
    press: "Noch einmal versuchen",
  },
  end: "Abmelden",
  left: "Sie werden in {} abgemeldet.",
  and: " und ",
  wait: "Einen Augenblick …",
  offline: "Nicht bestätigt: Sie sind anscheinend offline, und wir erreichen den Server nicht. Wir versuchen es weiter.",
  server: "Nicht bestätigt: Wir erreichen den Server nicht. Wir versuchen es weiter.",
  drafts: {
    kept: "Was Sie am {day} um {time} eingegeben hatten, haben wir aufbewahrt.",
    discard: "Verwerfen",
    discarded: "Es ist verworfen.",
    stays: "Es konnte nicht verworfen werden, weil wir den Server nicht erreichen. Bitte versuchen Sie es noch einmal.",
    elsewhere: "Dieses Formular ist auch in einem anderen Tab offen. Was Sie dort eingeben, wird aufbewahrt; was Sie hier eingeben, nicht.",
    long: "Dieses Formular enthält mehr, als wir aufbewahren können. Bitte senden Sie es ab, bevor Sie gehen.",
  },
  again: {
    title: "Erneut anmelden",
    text: "Zu Ihrer Sicherheit wurden Sie abgemeldet. Melden Sie sich mit demselben Konto an, und diese Seite ist, wie sie war.",
    leave: "Diese Seite verlassen",
    failed: "Sie sind nicht angemeldet. Prüfen Sie Ihre Angaben, und versuchen Sie es noch einmal.",
    trouble: "Wir erreichen den Server nicht. Ihre Seite bleibt erhalten; versuchen Sie es gleich noch einmal.",
  },
  unit: units("de", {
    minute: { one: "{} Minute", other: "{} Minuten" },
    second: { one: "{} Sekunde", other: "{} Sekunden" },
  }),
};
