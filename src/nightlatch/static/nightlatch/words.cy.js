/** Welsh. */
import { units } from "./words.units.js";

export default {
  lang: "cy",
  idle: {
    title: "Ydych chi yno o hyd?",
    text: "Er eich diogelwch, rydym yn eich allgofnodi pan fyddwch yn segur am ychydig.",
    press: "Aros wedi mewngofnodi",
  },
  absolute: {
    title: "Mae eich sesiwn ar fin dod i ben",
    text: "Er eich diogelwch, byddwn yn eich allgofnodi am {}. Cadwch eich gwaith.",
    press: "Parhau",
  },
  hidden: {
    title: "Mae’r dudalen hon wedi’i chuddio",
    text: "Rydym yn gwirio eich bod yn dal wedi mewngofnodi.",
    press: "Ceisio eto",
  },
  end: "Allgofnodi",
  left: "Cewch eich allgofnodi ymhen {}.",
  and: ", ",
  wait: "Un eiliad …",
  offline: "Heb ei gadarnhau: mae’n ymddangos eich bod all-lein ac ni allwn gyrraedd y gweinydd. Rydym yn dal i geisio.",
  server: "Heb ei gadarnhau: ni allwn gyrraedd y gweinydd. Rydym yn dal i geisio.",
  unit: units("cy", {
    // After a numeral the noun is singular, and softens after two.
    minute: {
      zero: "{} munud", one: "{} munud", two: "{} funud", few: "{} munud", many: "{} munud", other: "{} munud",
    },
    second: {
      zero: "{} eiliad", one: "{} eiliad", two: "{} eiliad", few: "{} eiliad", many: "{} eiliad", other: "{} eiliad",
    },
  }),
};
