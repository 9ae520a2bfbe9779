import { isEnglish, percent as formatPercent, text } from "../../language.js";
import { wording } from "../../texts.js";

const threeDecimals = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3, useGrouping: false });

// A model is never certain: avoids "100 %".
export const percent = (probability) => (probability > 0.9995 ? ">" + formatPercent(0.999) : formatPercent(probability, 1, 0));

// Formats for exports, independent of the language.
export const exactPercent = (probability) => threeDecimals.format(probability * 100) + "%";

export const tablePercent = (probability) => formatPercent(probability, 3);

// Follows the rules of `AnswerText.fs`.
const plural = new Set(wording.plural);
const uncountable = new Set(wording.uncountable);

// Shortens "crane (bird)" to "crane", "food or drink" to "food".
const nounOf = (label) => label.replace(/(?: \(|, | or | of | for ).*$/, "");

const isAmong = (nouns, label) => {
  const noun = nounOf(label);
  return nouns.has(noun) || nouns.has(noun.split(" ").at(-1));
};

// Matches an ibex, an hourglass, an MRI; not a unicorn, a ewe, a one-way sign.
const beginsWithVowel = (label) => {
  const [word] = label.split(/[ -]/);
  if (word.length > 1 && /^[A-Z]+$/.test(word)) return /^[AEFHILMNORSX]/.test(word);
  if (/^(hour|honest|heir)/i.test(label)) return true;
  if (/^(uni|use|usu|uku|ura|uti|eu|ewe|one|once)/i.test(label)) return /^(unim|unin)/i.test(label);
  return /^[aeiou]/i.test(label);
};

// Adds an article: "a Samoyed", "an ibex", "food". Labels are English in every language.
const withArticle = (label) => {
  if (!isEnglish || label === "" || isAmong(plural, label) || isAmong(uncountable, label)) return label;
  if (label.endsWith(" family")) return "a member of the " + label;
  return (beginsWithVowel(label) ? "an " : "a ") + label;
};

const capitalize = (phrase) => phrase.charAt(0).toUpperCase() + phrase.slice(1);

const unknownText = text("answer.unknown");

const unknownAnswer = { level: "unknown", name: null, head: unknownText, probability: null };

const unsureAnswer = (key, { label, probability }) => ({
  level: "unsure", name: null, head: text(key), tail: text("answer.perhaps", { noun: withArticle(label) }), probability,
});

// `name` is the class, its group, or null; `level` is sure, likely, unsure or unknown.
const gradeClass = (first) => {
  const { label, probability } = first;
  const noun = withArticle(label);
  if (probability >= wording.sure) return { level: "sure", name: label, head: capitalize(noun), probability };
  if (probability >= wording.likely) return { level: "likely", name: label, head: text("answer.probably", { noun }), probability };
  return probability >= wording.guess ? unsureAnswer("answer.guess", first) : unknownAnswer;
};

const gradeGroup = ({ id, label, probability }, first) => {
  if ((id ?? null) === null) return first.probability >= wording.guess ? unsureAnswer("answer.not-sure", first) : unknownAnswer;
  // A sum above 1 means that the class belongs to the group.
  const likely = label !== first.label && first.probability >= wording.likely && first.probability + probability > 1;
  return {
    level: "sure",
    name: label,
    head: capitalize(withArticle(label)),
    probability,
    tail: likely ? text("answer.and-probably", { noun: withArticle(first.label) }) : "",
    isProbable: likely,
  };
};

// Splits the sentence `text` into `head`, `confidence` and `tail`; `path` leads through the class tree.
export const sentence = ({ answer, predictions }) => {
  const [first] = predictions;
  const grade = !first ? unknownAnswer
    : answer ? gradeGroup(answer, first) : gradeClass(first);
  const { level, name, head, probability, tail = "", isProbable = false } = grade;
  const confidence = probability === null ? "" : percent(probability);
  const isUnsure = level === "unsure";
  const whole = isUnsure ? head + tail + " (" + confidence + ")" : head + (confidence && " (" + confidence + ")") + tail;
  return {
    level, name, head, tail, confidence, isUnsure, isProbable,
    text: whole, probability: probability ?? first?.probability ?? 0, path: path(answer, first, tail),
  };
};

// Ends the path with the probable class.
const path = (answer, first, tail) => {
  if (!answer || (answer.id ?? null) === null) return [];
  const labels = (answer.path ?? []).map(({ label }) => label);
  if (labels.at(-1) !== answer.label) labels.push(answer.label);
  return tail ? [...labels, first.label] : labels;
};
