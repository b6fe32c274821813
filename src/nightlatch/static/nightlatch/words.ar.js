/** Arabic, with the digits of the page's country (`ar-EG` has its own, `ar` those of this file). */
import { units } from "./words.units.js";

const page = document.documentElement.lang;
const lang = /^ar-[A-Z]{2}$/.test(page) ? page : "ar";

export default {
  lang,
  idle: {
    title: "هل ما زلت هنا؟",
    text: "حفاظًا على أمانك، نسجّل خروجك إذا لم يكن هناك نشاط لفترة من الوقت.",
    press: "البقاء قيد تسجيل الدخول",
  },
  absolute: {
    title: "جلستك على وشك الانتهاء",
    text: "حفاظًا على أمانك، سنسجّل خروجك عند الساعة {}. يُرجى حفظ عملك.",
    press: "متابعة",
  },
  hidden: {
    title: "هذه الصفحة مخفية",
    text: "نتحقق من أنك ما زلت قيد تسجيل الدخول.",
    press: "إعادة المحاولة",
  },
  end: "تسجيل الخروج",
  left: "سيتم تسجيل خروجك خلال {}.",
  and: " و",
  wait: "لحظة من فضلك…",
  offline: "لم يتم التأكيد: يبدو أنك غير متصل بالإنترنت ولا يمكننا الوصول إلى الخادم. نواصل المحاولة.",
  server: "لم يتم التأكيد: لا يمكننا الوصول إلى الخادم. نواصل المحاولة.",
  unit: units(lang, {
    // The oblique case, which stands after "within"; one and two say themselves without a numeral.
    minute: {
      zero: "{} دقيقة", one: "دقيقة واحدة", two: "دقيقتين", few: "{} دقائق", many: "{} دقيقة", other: "{} دقيقة",
    },
    second: {
      zero: "{} ثانية", one: "ثانية واحدة", two: "ثانيتين", few: "{} ثوانٍ", many: "{} ثانية", other: "{} ثانية",
    },
  }),
};
