// The texts of the page's language, and its formats of numbers and times. `texts.js` is that of the language whose
// folder this file was loaded from.

import texts from "./texts.js";

const { language } = texts;
const plural = new Intl.PluralRules(language);

export const format = (value, options) => value.toLocaleString(language, options);

export const text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// The text `key.one` or `key.other`, with the number as `{count}`.
export const count = (key, number, values) =>
  text(key + "." + (plural.select(number) === "one" ? "one" : "other"), { count: format(number), ...values });

export const isEnglish = language === "en";

export const has = (key) => key in texts;

export const percent = (share, digits = 1, least = digits) => text("number.percent", {
  number: format(share * 100, { minimumFractionDigits: least, maximumFractionDigits: digits }),
});

export const milliseconds = (value) => text("number.milliseconds", { number: format(Math.round(Math.max(1, value))) });

export const sizeOf = (bytes) =>
  bytes < 1000 ? text("number.bytes", { number: format(bytes) })
    : bytes < 1e6 ? text("number.kilobytes", { number: format(Math.round(bytes / 1000)) })
      : text("number.megabytes", { number: format(bytes / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });

// "12 s ago", "3 min ago": in the largest unit that fits.
export const ago = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, length] = [["days", 86400], ["hours", 3600], ["minutes", 60]].find(([, length]) => seconds >= length) ?? ["seconds", 1];
  return text("number.ago." + unit, { number: format(Math.floor(seconds / length)) });
};

export const clock = (seconds, options) => new Date(seconds * 1000).toLocaleTimeString(language, options);
