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
  unit: units("es", {
    minute: { one: "{} minuto", other: "{} minutos" },
    second: { one: "{} segundo", other: "{} segundos" },
  }),
};
