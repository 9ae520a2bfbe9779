// Copies the commands of the API reference to the clipboard.

import { setLiveRegion } from "./common.js";
import { copyText } from "./share.js";
import { text } from "./language.js";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest(".copy");
  if (!button) return;
  const command = button.closest(".command").querySelector("code").textContent;
  const message = text(await copyText(command) ? "api.copied" : "api.notcopied");
  setLiveRegion(message);
  button.textContent = message;
  setTimeout(() => { button.textContent = text("api.copy"); }, 2000);
});
