// The message at the bottom that takes the last removal back.

import { announce } from "../announce.js";
import { words } from "./words.js";

const stays = 10_000;
const place = document.getElementById("undo");
const button = place.querySelector("button");

let timer = 0;
let pending = null;

const hide = () => {
  clearTimeout(timer);
  place.hidden = true;
};

// Makes the pending removal final.
export const settle = () => {
  const { done } = pending ?? {};
  pending = null;
  hide();
  done?.();
};

// Offers to take something back. `back` does so; `done` is called when nobody did.
export const offerUndo = (text, back, done = () => {}) => {
  settle();
  pending = { back, done };
  place.querySelector("span").textContent = text;
  place.hidden = false;
  announce(text);
  timer = setTimeout(settle, stays);
};

button.addEventListener("click", () => {
  const { back } = pending ?? {};
  pending = null;
  hide();
  back?.();
  announce(words.restored);
});

// Who reads the message or is about to press the button, has time.
for (const event of ["pointerenter", "focusin"]) place.addEventListener(event, () => clearTimeout(timer));
for (const event of ["pointerleave", "focusout"])
  place.addEventListener(event, () => { if (pending) timer = setTimeout(settle, stays); });
addEventListener("pagehide", settle);
