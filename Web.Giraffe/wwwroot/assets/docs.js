// The API's reference: its commands can be copied.

import { say } from "./common.js";
import { copy } from "./share.js";
import { text } from "./language.js";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest(".copy");
  if (!button) return;
  const command = button.closest(".command").querySelector("code").textContent;
  const words = text(await copy(command) ? "api.copied" : "api.notcopied");
  say(words);
  button.textContent = words;
  setTimeout(() => { button.textContent = text("api.copy"); }, 2000);
});
