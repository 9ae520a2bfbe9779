// The copies of a picture: for its card, for the gallery, for the history, and, where the file itself can't be sent, for
// the server. Runs in a worker of the browser, so that the page stays smooth. All are compressed: a page of 200 pictures
// keeps no pixels of those that are not on the screen.

const shownOnCard = 960;
const shownInGallery = 320;
const shownInHistory = 96;

// The longer side of a converted picture, and of one that is over the server's limit.
const converted = 4096;
const shrunk = [3072, 2048, 1280, 768, 512];

// `turns` is in quarters, clockwise; `part` is a part of the turned picture: left, top, width and height, as shares.
const drawn = (bitmap, side, { turns = 0, part = { left: 0, top: 0, width: 1, height: 1 } } = {}) => {
  const isSideways = turns % 2 === 1;
  const [across, down] = isSideways ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const scale = Math.min(1, side / Math.max(across * part.width, down * part.height));
  const width = Math.max(1, Math.round(across * part.width * scale));
  const height = Math.max(1, Math.round(down * part.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  // As the server does it: what is transparent lies on white.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.translate(-across * part.left * scale, -down * part.top * scale);
  context.scale(scale, scale);
  context.translate(across / 2, down / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  return canvas;
};

// The pixels are given back at once: the garbage collector does not count them.
const jpeg = async (canvas, quality) => {
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  const { width, height } = canvas;
  canvas.width = canvas.height = 0;
  return { blob, width, height };
};

const smaller = async (bitmap, limit) => {
  for (const side of shrunk) {
    const made = await jpeg(drawn(bitmap, side), 0.92);
    if (made.blob.size <= limit) return made;
  }
  return null;
};

// Sizes are those of the picture as it is shown, EXIF's orientation applied. `copy` is what is sent in the file's place:
// null unless `limit`, the most bytes that may be sent, says that one is needed.
export const prepareBitmap = async (bitmap, limit) => {
  try {
    const { width, height } = bitmap;
    const card = await jpeg(drawn(bitmap, shownOnCard), 0.85);
    const thumb = await jpeg(drawn(bitmap, shownInGallery), 0.8);
    const tiny = await jpeg(drawn(bitmap, shownInHistory), 0.7);
    let copy = null;
    if (limit !== null) {
      copy = await jpeg(drawn(bitmap, converted), 0.92);
      if (copy.blob.size > limit) copy = await smaller(bitmap, limit);
    }
    return { width, height, card: card.blob, thumb: thumb.blob, tiny: tiny.blob, copy };
  } finally {
    bitmap.close();
  }
};

export const prepare = async (file, limit) => prepareBitmap(await createImageBitmap(file), limit);

// A part of a picture, turned, as a file.
export const cut = async (file, change) => {
  const bitmap = await createImageBitmap(file);
  try {
    return (await jpeg(drawn(bitmap, converted, change), 0.95)).blob;
  } finally {
    bitmap.close();
  }
};
