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
  unit: units("de", {
    minute: { one: "{} Minute", other: "{} Minuten" },
    second: { one: "{} Sekunde", other: "{} Sekunden" },
  }),
};
