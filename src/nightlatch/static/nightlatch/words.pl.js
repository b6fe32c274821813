/** Polish. */
import { units } from "./words.units.js";

export default {
  lang: "pl",
  idle: {
    title: "Czy nadal tu jesteś?",
    text: "Dla Twojego bezpieczeństwa wylogowujemy Cię po pewnym czasie bezczynności.",
    press: "Nie wylogowuj mnie",
  },
  absolute: {
    title: "Twoja sesja wkrótce się zakończy",
    text: "Dla Twojego bezpieczeństwa wylogujemy Cię o {}. Zapisz swoją pracę.",
    press: "Kontynuuj",
  },
  hidden: {
    title: "Ta strona jest ukryta",
    text: "Sprawdzamy, czy Twoja sesja nadal trwa.",
    press: "Spróbuj ponownie",
  },
  end: "Wyloguj się",
  left: "Wylogujemy Cię za {}.",
  and: " i ",
  wait: "Chwileczkę…",
  offline: "Nie potwierdzono: wygląda na to, że nie masz połączenia, i nie możemy połączyć się z serwerem. Próbujemy dalej.",
  server: "Nie potwierdzono: nie możemy połączyć się z serwerem. Próbujemy dalej.",
  unit: units("pl", {
    // The accusative, which "za" takes.
    minute: { one: "{} minutę", few: "{} minuty", many: "{} minut", other: "{} minuty" },
    second: { one: "{} sekundę", few: "{} sekundy", many: "{} sekund", other: "{} sekundy" },
  }),
};
