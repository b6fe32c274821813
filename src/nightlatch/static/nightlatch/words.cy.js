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
  drafts: {
    kept: "Rydym wedi cadw’r hyn roeddech wedi’i deipio ar {day} am {time}.",
    discard: "Dileu",
    discarded: "Mae wedi’i ddileu.",
    stays: "Nid oedd modd ei ddileu, am na allwn gyrraedd y gweinydd. Rhowch gynnig arall arni.",
    elsewhere: "Mae’r ffurflen hon ar agor mewn tab arall hefyd. Caiff yr hyn a deipiwch yno ei gadw, ond nid yr hyn a deipiwch yma.",
    long: "Mae’r ffurflen hon yn cynnwys mwy nag y gallwn ei gadw. Anfonwch hi cyn i chi fynd.",
  },
  again: {
    title: "Mewngofnodi eto",
    text: "Er eich diogelwch, cawsoch eich allgofnodi. Mewngofnodwch fel yr un defnyddiwr, a bydd y dudalen hon fel y gadawoch hi.",
    leave: "Gadael y dudalen hon",
    failed: "Nid ydych wedi mewngofnodi. Gwiriwch yr hyn rydych wedi’i roi, a rhowch gynnig arall arni.",
    trouble: "Ni allwn gyrraedd y gweinydd. Mae eich tudalen wedi’i chadw; rhowch gynnig arall arni ymhen eiliad.",
  },
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
