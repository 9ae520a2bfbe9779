// What is made of a picture before it is sent: how large it is, what the card and the history show of it, and a
// smaller copy to send. Runs in a worker of the browser, so that the page stays smooth.

// The shorter side of the copy that is sent. The network sees 256 of it: twice that, and nothing is lost.
const sent = 512;

const shownOnCard = 800;
const shownInHistory = 96;

const drawn = (bitmap, scale) => {
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  // As the server does it: what is transparent lies on white.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
};

const jpeg = (canvas, quality) => canvas.convertToBlob({ type: "image/jpeg", quality });

// Sizes are those of the picture as it is shown, EXIF's orientation applied. `small` is null unless asked for.
export const prepare = async (file, shrink) => {
  const bitmap = await createImageBitmap(file);
  try {
    const { width, height } = bitmap;
    const within = (side) => Math.min(1, side / Math.max(width, height));
    const card = drawn(bitmap, within(shownOnCard));
    const tiny = await jpeg(drawn(bitmap, within(shownInHistory)), 0.7);
    let small = null;
    if (shrink) {
      const canvas = drawn(bitmap, Math.min(1, sent / Math.min(width, height)));
      small = { blob: await jpeg(canvas, 0.92), width: canvas.width, height: canvas.height };
    }
    return { width, height, card: card.transferToImageBitmap(), tiny, small };
  } finally {
    bitmap.close();
  }
};
