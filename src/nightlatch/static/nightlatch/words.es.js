/** Spanish. */
import { units } from "./words.units.js";

export default {
  lang: "es",
  idle: {
    title: "¿Sigue ahí?",
    text: "Por su seguridad, cerramos la sesión cuando no hay actividad durante un tiempo.",
    press: "Mantener la sesión abierta",
  },
  absolute: {
    title: "Su sesión está a punto de terminar",
    text: "Por su seguridad, cerraremos la sesión a las {}. Guarde su trabajo, por favor.",
    press: "Continuar",
  },
  hidden: {
    title: "Esta página está oculta",
    text: "Estamos comprobando si su sesión sigue abierta.",
    press: "Reintentar",
  },
  end: "Cerrar la sesión",
  left: "Su sesión se cerrará en {}.",
  and: " y ",
  wait: "Un momento…",
  offline: "Sin confirmar: parece que no tiene conexión y no podemos contactar con el servidor. Seguimos intentándolo.",
  server: "Sin confirmar: no podemos contactar con el servidor. Seguimos intentándolo.",
  drafts: {
    kept: "Hemos conservado lo que había escrito el {day} a las {time}.",
    discard: "Descartar",
    discarded: "Se ha descartado.",
    stays: "No se ha podido descartar porque no podemos contactar con el servidor. Inténtelo de nuevo, por favor.",
    elsewhere: "Este formulario también está abierto en otra pestaña. Se conserva lo que escriba allí, no lo que escriba aquí.",
    long: "Este formulario contiene más de lo que podemos conservar. Envíelo antes de irse, por favor.",
  },
  again: {
    title: "Iniciar sesión de nuevo",
    text: "Por su seguridad, hemos cerrado la sesión. Inicie sesión con el mismo usuario y encontrará esta página como la dejó.",
    leave: "Salir de esta página",
    failed: "No ha iniciado sesión. Compruebe lo que ha escrito e inténtelo de nuevo.",
    trouble: "No podemos contactar con el servidor. Conservamos su página; inténtelo de nuevo en un momento.",
  },
  unit: units("es", {
    minute: { one: "{} minuto", other: "{} minutos" },
    second: { one: "{} segundo", other: "{} segundos" },
  }),
};
