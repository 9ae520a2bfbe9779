// Offers to undo the last removal.

import { announce } from "../announce.js";
import { messages } from "./messages.js";

// Leaves time to read and to reach the button.
const timeoutMs = 10_000;
const notification = document.getElementById("undo");
const button = notification.querySelector("button");

let timer = 0;
let pending = null;

const hide = () => {
  clearTimeout(timer);
  notification.hidden = true;
};

const commit = () => {
  const { onCommit } = pending ?? {};
  pending = null;
  hide();
  onCommit?.();
};

// Calls `onUndo` on Undo, otherwise `onCommit`.
export const offerUndo = (text, onUndo, onCommit = () => {}) => {
  commit();
  pending = { onUndo, onCommit };
  notification.querySelector("span").textContent = text;
  notification.hidden = false;
  announce(text);
  timer = setTimeout(commit, timeoutMs);
};

button.addEventListener("click", () => {
  const { onUndo } = pending ?? {};
  pending = null;
  hide();
  onUndo?.();
  announce(messages.restored);
});

// Stops the timer while the user is at the notification.
for (const event of ["pointerenter", "focusin"]) notification.addEventListener(event, () => clearTimeout(timer));
for (const event of ["pointerleave", "focusout"])
  notification.addEventListener(event, () => { if (pending) timer = setTimeout(commit, timeoutMs); });
addEventListener("pagehide", commit);
