// Queues messages for screen readers, because many results can arrive at the same time.

import { setLiveRegion } from "./common.js";

// Screen readers can miss faster changes.
const intervalMs = 400;

// Drops the oldest messages: the last one is a summary.
const maxQueued = 5;

const queue = [];
let isRunning = false;

const announceNext = () => {
  const text = queue.shift();
  isRunning = text !== undefined;
  if (!isRunning) return;
  setLiveRegion(text);
  setTimeout(announceNext, intervalMs);
};

export const announce = (text) => {
  queue.push(text);
  if (queue.length > maxQueued) queue.shift();
  if (!isRunning) announceNext();
};
