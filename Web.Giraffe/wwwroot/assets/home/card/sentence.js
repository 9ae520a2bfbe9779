// An answer as one sentence, with its confidence.

import { isEnglish, percent as inLanguage, text } from "../../language.js";
import { wording } from "../../texts.js";

const threeDecimals = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3, useGrouping: false });

// For running text. A model is never certain: what rounds to 100 % is more than 99.9 %.
export const percent = (share) => (share > 0.9995 ? ">" + inLanguage(0.999) : inLanguage(share, 1, 0));

// For exports and attributes.
export const exactly = (share) => threeDecimals.format(share * 100) + "%";

// For the table.
export const inTable = (share) => inLanguage(share, 3);

// The rules are those of `AnswerText.fs`.
const plural = new Set(wording.plural);
const uncountable = new Set(wording.uncountable);

// A name without what explains it: "crane" of "crane (bird)", "food" of "food or drink".
const nounOf = (label) => label.replace(/(?: \(|, | or | of | for ).*$/, "");

const isOf = (nouns, label) => {
  const noun = nounOf(label);
  return nouns.has(noun) || nouns.has(noun.split(" ").at(-1));
};

// An ibex, an hourglass, an MRI; a unicorn, a ewe, a one-way sign.
const beginsWithVowel = (label) => {
  const [word] = label.split(/[ -]/);
  if (word.length > 1 && /^[A-Z]+$/.test(word)) return /^[AEFHILMNORSX]/.test(word);
  if (/^(hour|honest|heir)/i.test(label)) return true;
  if (/^(uni|use|usu|uku|ura|uti|eu|ewe|one|once)/i.test(label)) return /^(unim|unin)/i.test(label);
  return /^[aeiou]/i.test(label);
};

// `label` with its article: "a Samoyed", "an ibex", "food", "a member of the weasel family". Other languages than English
// have the names of the classes in English, and no article.
export const withArticle = (label) => {
  if (!isEnglish || label === "" || isOf(plural, label) || isOf(uncountable, label)) return label;
  if (label.endsWith(" family")) return "a member of the " + label;
  return (beginsWithVowel(label) ? "an " : "a ") + label;
};

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

const unknown = text("answer.unknown");

const unrecognised = { level: "unknown", name: null, head: unknown, share: null };

const perhaps = (key, { label, probability }) => ({
  level: "unsure", name: null, head: text(key), tail: text("answer.perhaps", { noun: withArticle(label) }), share: probability,
});

// How sure an answer is: `name` is the class, or its group, or null; `level` is sure, likely, unsure or unknown.
const tiers = (first) => {
  const { label, probability } = first;
  const noun = withArticle(label);
  if (probability >= wording.sure) return { level: "sure", name: label, head: capital(noun), share: probability };
  if (probability >= wording.likely) return { level: "likely", name: label, head: text("answer.probably", { noun }), share: probability };
  return probability >= wording.guess ? perhaps("answer.guess", first) : unrecognised;
};

const hedged = ({ id, label, probability }, first) => {
  if ((id ?? null) === null) return first.probability >= wording.guess ? perhaps("answer.not-sure", first) : unrecognised;
  // Together above 1: the class is one of the group.
  const likely = label !== first.label && first.probability >= wording.likely && first.probability + probability > 1;
  return {
    level: "sure",
    name: label,
    head: capital(withArticle(label)),
    share: probability,
    tail: likely ? text("answer.and-probably", { noun: withArticle(first.label) }) : "",
    isProbable: likely,
  };
};

// `text` is the whole sentence; `head`, `sure` and `tail` are its parts; `path` is the way down the tree to the answer.
export const sentence = ({ answer, predictions }) => {
  const [first] = predictions;
  const found = !first ? unrecognised
    : answer ? hedged(answer, first) : tiers(first);
  const { level, name, head, share, tail = "", isProbable = false } = found;
  const sure = share === null ? "" : percent(share);
  const isPerhaps = level === "unsure";
  const whole = isPerhaps ? head + tail + " (" + sure + ")" : head + (sure && " (" + sure + ")") + tail;
  return { level, name, head, tail, sure, isPerhaps, isProbable, text: whole, share: share ?? first?.probability ?? 0, path: path(answer, first, tail) };
};

// "animal › dog › Siberian husky": the answer's path, and the probable class below it.
const path = (answer, first, tail) => {
  if (!answer || (answer.id ?? null) === null) return [];
  const labels = (answer.path ?? []).map(({ label }) => label);
  if (labels.at(-1) !== answer.label) labels.push(answer.label);
  return tail ? [...labels, first.label] : labels;
};
