// "Was this right?": kept with the answer in this browser, and exported with it.

import { announce } from "../../announce.js";
import { showClasses } from "./classes.js";
import { words } from "../words.js";

// `place` holds the question; `keep` gets the verdict (yes or no) and the right class, which may be unknown. `named` is
// what a yes confirms, null where the answer named nothing: a class or, if not `isClass`, a group of classes.
export const askVerdict = (place, { found, named, isClass, keep }) => {
  const find = (selector) => place.querySelector(selector);
  const answered = find(".judged");
  const show = () => {
    for (const [selector, verdict] of [[".yes", "yes"], [".no", "no"]])
      find(selector).setAttribute("aria-pressed", String(found.verdict === verdict));
    answered.textContent = !found.verdict ? ""
      : found.right && found.right !== named ? words.judgedAs(found.right)
        : found.verdict === "yes" ? words.judgedRight : words.judgedWrong;
    find(".choose-class").hidden = found.verdict === "yes" && isClass;
  };
  const judge = (verdict, right) => {
    const isSame = found.verdict === verdict && right === null;
    found.verdict = isSame ? null : verdict;
    found.right = isSame ? null : right;
    keep(found.verdict, found.right);
    show();
    if (found.verdict) announce(answered.textContent);
  };
  find(".yes").hidden = named === null;
  find(".no").hidden = named === null;
  find(".question").hidden = named === null;
  find(".yes").addEventListener("click", () => (found.verdict === "yes" ? judge("yes", null) : judge("yes", isClass ? named : null)));
  find(".no").addEventListener("click", () => judge("no", null));
  find(".choose-class").addEventListener("click", () =>
    showClasses(found.model, words.whichClass, (label) => judge(label === named || !isClass && found.verdict === "yes" ? "yes" : "no", label)));
  show();
};
