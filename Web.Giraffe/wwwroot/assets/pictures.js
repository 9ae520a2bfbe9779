// Pictures are prepared one after the other: fifty at once would take a phone's memory.

import { prepare } from "./prepare.js";

let worker = null;
let last = Promise.resolve();
let count = 0;

// A browser without module workers does it in the page.
try {
  worker = new Worker(new URL("./prepare-worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("error", () => { worker = null; });
} catch {
  worker = null;
}

const inWorker = (file, shrink) => new Promise((resolve, reject) => {
  const id = ++count;
  const asked = worker;
  const end = () => {
    asked.removeEventListener("message", hear);
    asked.removeEventListener("error", broken);
  };
  const hear = ({ data }) => {
    if (data.id !== id) return;
    end();
    if (data.made) resolve(data.made);
    else reject(new Error(data.error));
  };
  const broken = () => {
    end();
    prepare(file, shrink).then(resolve, reject);
  };
  asked.addEventListener("message", hear);
  asked.addEventListener("error", broken);
  asked.postMessage({ id, file, shrink });
});

// As `prepare`; fails where the browser can't draw the picture, and at once by the signal.
export const prepared = (file, shrink, signal) => {
  const mine = last.then(() => {
    signal.throwIfAborted();
    return worker ? inWorker(file, shrink) : prepare(file, shrink);
  });
  last = mine.catch(() => {});
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    mine.then(resolve, reject);
  });
};
