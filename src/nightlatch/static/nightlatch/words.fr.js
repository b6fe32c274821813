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
  drafts: {
    kept: "Nous avons conservé ce que vous aviez saisi le {day} à {time}.",
    discard: "Supprimer",
    discarded: "C’est supprimé.",
    stays: "La suppression a échoué, car nous ne pouvons pas joindre le serveur. Veuillez réessayer.",
    elsewhere: "Ce formulaire est aussi ouvert dans un autre onglet. Nous conservons ce que vous saisissez là-bas, pas ici.",
    long: "Ce formulaire contient plus que ce que nous pouvons conserver. Veuillez l’envoyer avant de partir.",
  },
  again: {
    title: "Se reconnecter",
    text: "Pour votre sécurité, vous avez été déconnecté. Connectez-vous avec le même compte : cette page sera telle que vous l’avez laissée.",
    leave: "Quitter cette page",
    failed: "Vous n’êtes pas connecté. Vérifiez votre saisie et réessayez.",
    trouble: "Nous ne pouvons pas joindre le serveur. Votre page est conservée ; réessayez dans un instant.",
  },
  unit: units("fr", {
    minute: { one: "{} minute", other: "{} minutes" },
    second: { one: "{} seconde", other: "{} secondes" },
  }),
};
