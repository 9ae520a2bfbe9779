// What a programmer or an operator wants to know of an answer, behind one "Details".

import { announce } from "../../announce.js";
import { asJson, copy } from "../../share.js";
import { snippets } from "./snippets.js";
import { milliseconds } from "../../language.js";
import { words } from "../words.js";

// Shows on the button whether something was copied.
export const said = (button, isCopied) => {
  const text = button.dataset.text ?? button.textContent;
  button.dataset.text = text;
  announce(isCopied ? words.copied : words.noClipboard);
  button.textContent = isCopied ? words.copied : words.notCopied;
  setTimeout(() => { button.textContent = text; }, 2000);
};

// `type` is null where the file itself is none that the server takes: then there is no code for it.
export const fillDetails = (place, { found, source, type, modelTitle }) => {
  const find = (selector) => place.querySelector(selector);
  find(".worker").textContent = found.worker;
  find(".time").textContent = milliseconds(found.milliseconds) + (found.cached ? ", " + words.cached : "");
  find(".model").textContent = modelTitle + (found.version ? ", " + words.version(found.version) : "");
  find(".json").addEventListener("click", async (event) => said(event.target, await copy(asJson([found]))));
  const code = find(".code");
  code.hidden = type === null;
  if (type === null) return;
  const show = (language) => {
    find("pre code").textContent = snippets[language](source, type);
    for (const button of code.querySelectorAll("[data-language]"))
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
  };
  for (const button of code.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => show(button.dataset.language));
  find(".copy").addEventListener("click", async (event) => said(event.target, await copy(find("pre code").textContent)));
  show("curl");
};
