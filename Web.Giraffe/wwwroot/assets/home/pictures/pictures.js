// Pictures are prepared one after the other: fifty at once would take a phone's memory.

import { prepare, prepareBitmap } from "./prepare.js";

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

const inWorker = (file, limit) => new Promise((resolve, reject) => {
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
    prepare(file, limit).then(resolve, reject);
  };
  asked.addEventListener("message", hear);
  asked.addEventListener("error", broken);
  asked.postMessage({ id, file, limit });
});

// Browsers draw some files, such as SVG, as images only.
const asImage = async (file, limit) => {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    // A drawing has no pixels of its own.
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

// As `prepare`; fails where the browser can't draw the picture, and at once by the signal.
export const prepared = (file, limit, signal) => {
  const mine = last.then(() => {
    signal.throwIfAborted();
    return (worker ? inWorker(file, limit) : prepare(file, limit)).catch(() => asImage(file, limit));
  });
  last = mine.catch(() => {});
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    mine.then(resolve, reject);
  });
};

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));

// The media type of a file by its first bytes, whatever its name says; "" for those that are not listed here.
export const mediaType = async (file) => {
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
