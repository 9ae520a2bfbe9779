import { announce } from "../../announce.js";
import { asJson, copyText } from "../../share.js";
import { snippets } from "./snippets.js";
import { formatMilliseconds } from "../../language.js";
import { messages } from "../messages.js";

export const showCopied = (button, isCopied) => {
  // A second click must not store the message as the text.
  const text = button.dataset.text ?? button.textContent;
  button.dataset.text = text;
  announce(isCopied ? messages.copied : messages.noClipboard);
  button.textContent = isCopied ? messages.copied : messages.notCopied;
  setTimeout(() => { button.textContent = text; }, 2000);
};

// Hides the code if `type` is null: the server can't decode the file.
export const fillDetails = (details, { result, source, type, modelTitle }) => {
  const find = (selector) => details.querySelector(selector);
  find(".worker").textContent = result.worker;
  find(".time").textContent = formatMilliseconds(result.milliseconds) + (result.cached ? ", " + messages.cached : "");
  find(".model").textContent = modelTitle + (result.version ? ", " + messages.version(result.version) : "");
  find(".json").addEventListener("click", async (event) => showCopied(event.target, await copyText(asJson([result]))));
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
  find(".copy").addEventListener("click", async (event) => showCopied(event.target, await copyText(find("pre code").textContent)));
  show("curl");
};
