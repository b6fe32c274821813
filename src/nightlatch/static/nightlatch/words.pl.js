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
  drafts: {
    kept: "Zachowaliśmy to, co wpisano {day} o {time}.",
    discard: "Odrzuć",
    discarded: "Odrzucono.",
    stays: "Nie udało się tego odrzucić, bo nie możemy połączyć się z serwerem. Spróbuj ponownie.",
    elsewhere: "Ten formularz jest otwarty także w innej karcie. Zachowujemy to, co wpiszesz tam, a nie to, co wpiszesz tutaj.",
    long: "Ten formularz zawiera więcej, niż możemy zachować. Wyślij go, zanim stąd wyjdziesz.",
  },
  again: {
    title: "Zaloguj się ponownie",
    text: "Dla Twojego bezpieczeństwa wylogowaliśmy Cię. Zaloguj się na to samo konto, a ta strona będzie taka, jak przedtem.",
    leave: "Opuść tę stronę",
    failed: "Nie udało się zalogować. Sprawdź wpisane dane i spróbuj ponownie.",
    trouble: "Nie możemy połączyć się z serwerem. Twoja strona jest zachowana; spróbuj ponownie za chwilę.",
  },
  unit: units("pl", {
    // The accusative, which "za" takes.
    minute: { one: "{} minutę", few: "{} minuty", many: "{} minut", other: "{} minuty" },
    second: { one: "{} sekundę", few: "{} sekundy", many: "{} sekund", other: "{} sekundy" },
  }),
};
