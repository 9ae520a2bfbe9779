import { base } from "../common.js";

// Signals that the server cannot be reached.
export class Unreachable extends Error {}

// An empty `model` selects the default.
export const classifyPath = (model) => base + "/api/classify?explain=true" + (model && "&model=" + encodeURIComponent(model));

// Parses Retry-After: seconds or a date.
const parseRetryAfter = (text) => {
  if (text === null) return null;
  const wait = Number(text);
  if (Number.isFinite(wait)) return Math.max(0, wait);
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, (until - Date.now()) / 1000);
};

// Reports the sent fraction, then null. Resolves with the status, the JSON body or null, and the Retry-After time. Rejects
// if the server cannot be reached or the signal aborts.
export const send = (picture, model, signal, onProgress) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  const end = (settle, value) => {
    signal.removeEventListener("abort", abort);
    settle(value);
  };
  request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
  request.upload.onload = () => onProgress(null);
  request.onload = () =>
    end(resolve, {
      status: request.status, body: request.response,
      retryAfterSeconds: parseRetryAfter(request.getResponseHeader("Retry-After")),
    });
  request.onerror = () => end(reject, new Unreachable());
  request.onabort = () => end(reject, signal.reason);
  signal.addEventListener("abort", abort);
  request.responseType = "json";
  request.open("POST", classifyPath(model));
  request.setRequestHeader("Content-Type", picture.type || "application/octet-stream");
  request.send(picture);
});

// Rejects if the signal aborts.
export const delay = (milliseconds, signal) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, milliseconds);
  signal.addEventListener("abort", onAbort, { once: true });
});

// Resolves when the browser is online.
export const whenOnline = (signal) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  addEventListener("online", resolve, { once: true, signal });
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
});

// Limits concurrency to `limit`, first in, first out.
export class Semaphore {
  #available;
  #waiters = [];

  constructor(limit) { this.#available = limit; }

  // Resolves with the release function; rejects on abort.
  acquire(signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const grant = () => {
        signal.removeEventListener("abort", cancel);
        resolve(() => {
          const next = this.#waiters.shift();
          if (next) next();
          else this.#available++;
        });
      };
      const cancel = () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter !== grant);
        reject(signal.reason);
      };
      if (this.#available > 0) {
        this.#available--;
        grant();
      } else {
        this.#waiters.push(grant);
        signal.addEventListener("abort", cancel, { once: true });
      }
    });
  }
}
