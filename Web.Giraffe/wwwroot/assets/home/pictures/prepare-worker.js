import { prepare } from "./prepare.js";

addEventListener("message", async ({ data: { id, file, limit } }) => {
  try {
    postMessage({ id, made: await prepare(file, limit) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
