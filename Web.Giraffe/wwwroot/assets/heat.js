// Where in a picture the network saw a class, laid over the picture.

// The picture's shorter side is resized to `side`, and the square of `crop` in its middle is what the network sees.
const side = 256;
const crop = 224;

// As the worker cuts it: the longer side is cut short to whole pixels, a half pixel goes to the even side.
const start = (length) => {
  const half = (length - crop) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half);
};

// The square's place in a picture of this size, as shares of its width and height.
export const square = (width, height) => {
  const longer = Math.floor((side * Math.max(width, height)) / Math.min(width, height));
  const [across, down] = width <= height ? [side, longer] : [longer, side];
  return { left: start(across) / across, top: start(down) / down, width: crop / across, height: crop / down };
};

// From nothing to much: red, green, blue, and how much of the picture they cover.
const colours = [
  [0, 22, 12, 48, 0.62],
  [0.35, 98, 22, 92, 0.55],
  [0.65, 222, 76, 40, 0.5],
  [0.85, 252, 160, 50, 0.48],
  [1, 255, 236, 130, 0.5],
];

const ramp = new Uint8ClampedArray(256 * 4);
for (let level = 0; level < 256; level++) {
  const share = level / 255;
  const upper = Math.max(1, colours.findIndex(([at]) => at >= share));
  const [low, high] = [colours[upper - 1], colours[upper]];
  const part = (share - low[0]) / (high[0] - low[0]);
  for (let channel = 0; channel < 4; channel++) {
    const value = low[channel + 1] + part * (high[channel + 1] - low[channel + 1]);
    ramp[4 * level + channel] = channel < 3 ? value : value * 255;
  }
}

// The cells of a map as the network's own numbers.
export const read = (map) => {
  const bytes = Uint8Array.from(atob(map.cells), (letter) => letter.charCodeAt(0));
  return {
    width: map.width,
    height: map.height,
    highest: map.highest,
    values: Float32Array.from(bytes, (byte) => map.lowest + ((map.highest - map.lowest) * byte) / 255),
  };
};

// Between four cells by Catmull and Rom's curve: smooth, and each cell's own value at its middle.
const curve = (t) => [
  ((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, (((4 - 3 * t) * t + 1) * t) / 2, ((t - 1) * t * t) / 2,
];

const tap = (count, place) => {
  const at = Math.min(count - 1, Math.max(0, place));
  const cell = Math.floor(at);
  const near = (offset) => Math.min(count - 1, Math.max(0, cell + offset));
  return { cells: [near(-1), cell, near(1), near(2)], weights: curve(at - cell) };
};

// A cell sees the picture around one pixel of that square. Networks halve it again and again, so that the cells of one of
// 13 × 13 (SqueezeNet) are 16 pixels apart, those of one of 7 × 7 are 32, with as much left over on either side.
const taps = (count) => {
  const stride = 2 ** Math.round(Math.log2(crop / count));
  const first = Math.floor((crop - 1 - (count - 1) * stride) / 2);
  return Array.from({ length: crop }, (_, pixel) => tap(count, (pixel - first) / stride));
};

const mix = ({ cells, weights }, value) =>
  weights[0] * value(cells[0]) + weights[1] * value(cells[1]) + weights[2] * value(cells[2]) + weights[3] * value(cells[3]);

// Draws a map on a canvas that covers the square. `highest` is the strongest value of all the picture's maps, so that
// the colours of two classes can be compared.
export const draw = (canvas, map, highest) => {
  canvas.width = canvas.height = crop;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(crop, crop);
  const columns = taps(map.width);
  const rows = taps(map.height);
  const wide = new Float32Array(map.height * crop);
  for (let row = 0; row < map.height; row++)
    for (let x = 0; x < crop; x++) wide[row * crop + x] = mix(columns[x], (cell) => map.values[row * map.width + cell]);
  for (let y = 0; y < crop; y++)
    for (let x = 0; x < crop; x++) {
      const value = mix(rows[y], (cell) => wide[cell * crop + x]);
      const level = 4 * Math.min(255, Math.max(0, Math.round((255 * value) / highest)));
      picture.data.set(ramp.subarray(level, level + 4), 4 * (y * crop + x));
    }
  context.putImageData(picture, 0, 0);
};

// The same in words.
export const strongest = (map) => {
  const at = map.values.indexOf(Math.max(...map.values));
  const third = (value, count) => Math.min(2, Math.floor((3 * value) / count));
  const down = ["at the top", "in the middle", "at the bottom"][third(Math.floor(at / map.width), map.height)];
  const across = ["left", "", "right"][third(at % map.width, map.width)];
  if (across === "") return down;
  return down === "in the middle" ? "on the " + across : down + " " + across;
};
