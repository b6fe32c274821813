/** French. */
import { units } from "./words.units.js";

export default {
  lang: "fr",
  idle: {
    title: "Êtes-vous toujours là ?",
    text: "Pour votre sécurité, nous vous déconnectons après un certain temps d’inactivité.",
    press: "Rester connecté",
  },
  absolute: {
    title: "Votre session va bientôt se terminer",
    text: "Pour votre sécurité, nous vous déconnecterons à {}. Veuillez enregistrer votre travail.",
    press: "Continuer",
  },
  hidden: {
    title: "Cette page est masquée",
    text: "Nous vérifions que vous êtes toujours connecté.",
    press: "Réessayer",
  },
  end: "Se déconnecter",
  left: "Vous serez déconnecté dans {}.",
  and: " et ",
  wait: "Un instant…",
  offline: "Non confirmé : vous semblez être hors ligne et nous ne pouvons pas joindre le serveur. Nous réessayons.",
  server: "Non confirmé : nous ne pouvons pas joindre le serveur. Nous réessayons.",
  unit: units("fr", {
    minute: { one: "{} minute", other: "{} minutes" },
    second: { one: "{} seconde", other: "{} secondes" },
  }),
};
