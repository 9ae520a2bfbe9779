// One picture's way to the server.
import { base } from "../common.js";

// There is no connection to the server.
export class Unreachable extends Error {}

// `model` is "" for the server's default one.
export const classifyPath = (model) => base + "/api/classify?explain=true" + (model && "&model=" + encodeURIComponent(model));

const seconds = (text) => {
  if (text === null) return null;
  const wait = Number(text);
  if (Number.isFinite(wait)) return Math.max(0, wait);
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, (until - Date.now()) / 1000);
};

// `progress` gets the share that is sent, and null once all of it is. Resolves with the status, the JSON where there is
// one, and how many seconds the server asks to wait; fails where there is no connection, or by the signal.
export const send = (picture, model, signal, progress) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  const end = (settle, value) => {
    signal.removeEventListener("abort", abort);
    settle(value);
  };
  request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
  request.upload.onload = () => progress(null);
  request.onload = () =>
    end(resolve, { status: request.status, said: request.response, after: seconds(request.getResponseHeader("Retry-After")) });
  request.onerror = () => end(reject, new Unreachable());
  request.onabort = () => end(reject, signal.reason);
  signal.addEventListener("abort", abort);
  request.responseType = "json";
  request.open("POST", classifyPath(model));
  request.setRequestHeader("Content-Type", picture.type || "application/octet-stream");
  request.send(picture);
});

// Waits, and fails by the signal.
export const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  const stop = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", stop);
    resolve();
  }, milliseconds);
  signal.addEventListener("abort", stop, { once: true });
});

// Until the browser has a network again.
export const online = (signal) => new Promise((resolve, reject) => {
  signal.throwIfAborted();
  addEventListener("online", resolve, { once: true, signal });
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
});

// So many at a time, first come, first served.
export class Turns {
  #free;
  #waiting = [];

  constructor(most) { this.#free = most; }

  // Resolves with what gives the turn back; fails by the signal.
  take(signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const mine = () => {
        signal.removeEventListener("abort", leave);
        resolve(() => {
          const next = this.#waiting.shift();
          if (next) next();
          else this.#free++;
        });
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== mine);
        reject(signal.reason);
      };
      if (this.#free > 0) {
        this.#free--;
        mine();
      } else {
        this.#waiting.push(mine);
        signal.addEventListener("abort", leave, { once: true });
      }
    });
  }
}
