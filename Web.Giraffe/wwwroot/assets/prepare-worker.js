import { prepare } from "./prepare.js";

addEventListener("message", async ({ data: { id, file, shrink } }) => {
  try {
    const made = await prepare(file, shrink);
    postMessage({ id, made }, [made.card]);
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
