// Creates the copies of a picture as JPEGs: the pixels of 200 pictures would exhaust the memory.

// Limits the longer side, in pixels.
const cardSide = 960;
const tileSide = 320;
const historySide = 96;

// Keeps a converted picture within the canvas limit of iOS, 4096 × 4096 pixels.
const convertedSide = 4096;

// Tries these sides to meet the server's limit.
const reducedSides = [3072, 2048, 1280, 768, 512];

// Rotates clockwise, then draws `region`, in fractions of the rotated picture.
const render = (bitmap, side, { quarterTurns = 0, region = { left: 0, top: 0, width: 1, height: 1 } } = {}) => {
  const isSideways = quarterTurns % 2 === 1;
  const [across, down] = isSideways ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const scale = Math.min(1, side / Math.max(across * region.width, down * region.height));
  const width = Math.max(1, Math.round(across * region.width * scale));
  const height = Math.max(1, Math.round(down * region.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  // The server renders transparent pixels on white, too.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.translate(-across * region.left * scale, -down * region.top * scale);
  context.scale(scale, scale);
  context.translate(across / 2, down / 2);
  context.rotate((quarterTurns * Math.PI) / 2);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  return canvas;
};

// Frees the pixels: the garbage collector ignores their size.
const encodeJpeg = async (canvas, quality) => {
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  const { width, height } = canvas;
  canvas.width = canvas.height = 0;
  return { blob, width, height };
};

const reduce = async (bitmap, limit) => {
  for (const side of reducedSides) {
    const copy = await encodeJpeg(render(bitmap, side), 0.92);
    if (copy.blob.size <= limit) return copy;
  }
  return null;
};

// Applies the EXIF orientation to the sizes. `copy` replaces the file; it is null if `limit`, in bytes, is null
// or cannot be met.
export const prepareBitmap = async (bitmap, limit) => {
  try {
    const { width, height } = bitmap;
    const card = await encodeJpeg(render(bitmap, cardSide), 0.85);
    const thumb = await encodeJpeg(render(bitmap, tileSide), 0.8);
    const tiny = await encodeJpeg(render(bitmap, historySide), 0.7);
    let copy = null;
    if (limit !== null) {
      copy = await encodeJpeg(render(bitmap, convertedSide), 0.92);
      if (copy.blob.size > limit) copy = await reduce(bitmap, limit);
    }
    return { width, height, card: card.blob, thumb: thumb.blob, tiny: tiny.blob, copy };
  } finally {
    bitmap.close();
  }
};

export const prepare = async (file, limit) => prepareBitmap(await createImageBitmap(file), limit);

export const crop = async (file, change) => {
  const bitmap = await createImageBitmap(file);
  try {
    return (await encodeJpeg(render(bitmap, convertedSide, change), 0.95)).blob;
  } finally {
    bitmap.close();
  }
};
