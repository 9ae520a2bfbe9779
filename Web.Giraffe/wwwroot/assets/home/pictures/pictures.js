// Prepares one picture at a time, to limit the memory.

import { prepare, prepareBitmap } from "./prepare.js";

let worker = null;
let queue = Promise.resolve();
let lastId = 0;

// Browsers without module workers use the page's thread.
try {
  worker = new Worker(new URL("./prepare-worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("error", () => { worker = null; });
} catch {
  worker = null;
}

const inWorker = (file, limit) => new Promise((resolve, reject) => {
  const id = ++lastId;
  const target = worker;
  const removeListeners = () => {
    target.removeEventListener("message", onMessage);
    target.removeEventListener("error", onError);
  };
  const onMessage = ({ data }) => {
    if (data.id !== id) return;
    removeListeners();
    if (data.renditions) resolve(data.renditions);
    else reject(new Error(data.error));
  };
  const onError = () => {
    removeListeners();
    prepare(file, limit).then(resolve, reject);
  };
  target.addEventListener("message", onMessage);
  target.addEventListener("error", onError);
  target.postMessage({ id, file, limit });
});

// Image elements decode more formats, such as SVG.
const viaImageElement = async (file, limit) => {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    // An SVG has no pixel size: 1024 pixels exceed every model's input.
    const scale = 1024 / Math.max(1, image.naturalWidth, image.naturalHeight);
    const size = file.type !== "image/svg+xml" ? {} : {
      resizeWidth: Math.max(1, Math.round(image.naturalWidth * scale)),
      resizeHeight: Math.max(1, Math.round(image.naturalHeight * scale)),
    };
    return await prepareBitmap(await createImageBitmap(image, size), limit);
  } finally {
    URL.revokeObjectURL(image.src);
  }
};

// Rejects if the browser can't decode the picture or the signal aborts.
export const createRenditions = (file, limit, signal) => {
  const result = queue.then(() => {
    signal.throwIfAborted();
    return (worker ? inWorker(file, limit) : prepare(file, limit)).catch(() => viaImageElement(file, limit));
  });
  queue = result.catch(() => {});
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    result.then(resolve, reject);
  });
};

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));

// Ignores the file name. Returns "" for an unknown type.
export const detectMediaType = async (file) => {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  if (head[0] === 0xff && head[1] === 0xd8) return "image/jpeg";
  if (ascii(head, 1, 4) === "PNG") return "image/png";
  if (ascii(head, 0, 4) === "GIF8") return "image/gif";
  if (ascii(head, 0, 2) === "BM") return "image/bmp";
  if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)$/.test(ascii(head, 0, 4))) return "image/tiff";
  if (ascii(head, 0, 4) === "RIFF" && ascii(head, 8, 12) === "WEBP") return "image/webp";
  if (ascii(head, 4, 8) === "ftyp") {
    if (/^avi/.test(ascii(head, 8, 12))) return "image/avif";
    if (/^(hei|hev|mif|msf)/.test(ascii(head, 8, 12))) return "image/heic";
  }
  return "";
};
