// Runs `prepare` in a web worker, so that decoding does not block the page.

import { prepare } from "./prepare.js";

addEventListener("message", async ({ data: { id, file, limit } }) => {
  try {
    postMessage({ id, renditions: await prepare(file, limit) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
