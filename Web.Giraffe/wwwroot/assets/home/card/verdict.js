// Asks "Was this right?" and stores the verdict.

import { announce } from "../../announce.js";
import { showClasses } from "./classes.js";
import { messages } from "../messages.js";

// `answerName` is the class or, if not `isClass`, the group that a yes confirms, or null. `onVerdict` receives the verdict
// (yes, no or null) and the right class, or null if it is unknown.
export const initVerdict = (form, { result, answerName, isClass, onVerdict }) => {
  const find = (selector) => form.querySelector(selector);
  const status = find(".judged");
  const update = () => {
    for (const [selector, verdict] of [[".yes", "yes"], [".no", "no"]])
      find(selector).setAttribute("aria-pressed", String(result.verdict === verdict));
    status.textContent = !result.verdict ? ""
      : result.right && result.right !== answerName ? messages.markedAs(result.right)
        : result.verdict === "yes" ? messages.markedRight : messages.markedWrong;
    find(".choose-class").hidden = result.verdict === "yes" && isClass;
  };
  const judge = (verdict, right) => {
    const isSame = result.verdict === verdict && right === null;
    result.verdict = isSame ? null : verdict;
    result.right = isSame ? null : right;
    onVerdict(result.verdict, result.right);
    update();
    if (result.verdict) announce(status.textContent);
  };
  find(".yes").hidden = answerName === null;
  find(".no").hidden = answerName === null;
  find(".question").hidden = answerName === null;
  find(".yes").addEventListener("click", () => (result.verdict === "yes" ? judge("yes", null) : judge("yes", isClass ? answerName : null)));
  find(".no").addEventListener("click", () => judge("no", null));
  find(".choose-class").addEventListener("click", () =>
    showClasses(result.model, messages.whichClass, (label) => judge(label === answerName || !isClass && result.verdict === "yes" ? "yes" : "no", label)));
  update();
};
