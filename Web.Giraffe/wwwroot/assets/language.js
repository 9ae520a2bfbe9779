// Provides the texts and formats of a language. The server generates `texts.js`.

import texts from "./texts.js";

const { language } = texts;
const plural = new Intl.PluralRules(language);

export const format = (value, options) => value.toLocaleString(language, options);

export const text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Selects `key.one` or `key.other`.
export const count = (key, number, values) =>
  text(key + "." + (plural.select(number) === "one" ? "one" : "other"), { count: format(number), ...values });

export const isEnglish = language === "en";

export const hasText = (key) => key in texts;

export const percent = (fraction, digits = 1, minDigits = digits) => text("number.percent", {
  number: format(fraction * 100, { minimumFractionDigits: minDigits, maximumFractionDigits: digits }),
});

export const formatMilliseconds = (value) => text("number.milliseconds", { number: format(Math.round(Math.max(1, value))) });

export const formatSize = (bytes) =>
  bytes < 1000 ? text("number.bytes", { number: format(bytes) })
    : bytes < 1e6 ? text("number.kilobytes", { number: format(Math.round(bytes / 1000)) })
      : text("number.megabytes", { number: format(bytes / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });

// Formats "12 s ago", "3 min ago".
export const formatAgo = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, unitSeconds] = [["days", 86400], ["hours", 3600], ["minutes", 60]].find(([, length]) => seconds >= length) ?? ["seconds", 1];
  return text("number.ago." + unit, { number: format(Math.floor(seconds / unitSeconds)) });
};

export const formatTime = (seconds, options) => new Date(seconds * 1000).toLocaleTimeString(language, options);
