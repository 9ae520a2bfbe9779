// Messages for screen readers, one after the other: many answers arrive at the same time. Of more than a few the oldest
// are not said: the last one is the count.

import { say } from "./common.js";

const pace = 400;
const most = 5;
const queue = [];
let isBusy = false;

const next = () => {
  const text = queue.shift();
  isBusy = text !== undefined;
  if (!isBusy) return;
  say(text);
  setTimeout(next, pace);
};

export const announce = (text) => {
  queue.push(text);
  if (queue.length > most) queue.shift();
  if (!isBusy) next();
};
