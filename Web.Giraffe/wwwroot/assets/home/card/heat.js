// Where in a picture the network saw a class, laid over the picture.

import { text } from "../../language.js";

// A model that doesn't describe its input is taken for one of 224 × 224 pixels, from a shorter side of 256.
const standard = { width: 224, height: 224, resize: "shorter-side", side: 256 };

export const inputOf = (model) => (model?.width > 0 && model.height > 0 && model.resize ? model : standard);

// As the worker crops: the longer side is cut to whole pixels, and a half pixel goes to the even side.
const start = (length, kept) => {
  const half = (length - kept) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half);
};

// The place of the network's input in a picture of this size, as shares of its width and height. A picture that is fitted
// in with padding covers less than the input.
export const square = (width, height, input) => {
  if (input.resize === "stretch") return { left: 0, top: 0, width: 1, height: 1 };
  if (input.resize === "fit") {
    const scale = Math.min(input.width / width, input.height / height);
    const [across, down] = [input.width / (width * scale), input.height / (height * scale)];
    return { left: (1 - across) / 2, top: (1 - down) / 2, width: across, height: down };
  }
  const longer = Math.floor((input.side * Math.max(width, height)) / Math.min(width, height));
  const [across, down] = width <= height ? [input.side, longer] : [longer, input.side];
  return {
    left: start(across, input.width) / across,
    top: start(down, input.height) / down,
    width: input.width / across,
    height: input.height / down,
  };
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

// A cell sees the picture around one pixel of the input. Networks halve it again and again, so that the cells of one of
// 13 × 13 (SqueezeNet) are 16 pixels apart, those of one of 7 × 7 are 32, with as much left over on either side.
const taps = (count, length) => {
  const stride = 2 ** Math.round(Math.log2(length / count));
  const first = Math.floor((length - 1 - (count - 1) * stride) / 2);
  return Array.from({ length }, (_, pixel) => tap(count, (pixel - first) / stride));
};

const mix = ({ cells, weights }, value) =>
  weights[0] * value(cells[0]) + weights[1] * value(cells[1]) + weights[2] * value(cells[2]) + weights[3] * value(cells[3]);

// Draws a map on a canvas that covers the input. A value of `highest`, the strongest of all the picture's maps, has the
// colour of `strength` (0 to 1), so that a class of little probability does not glow. Without evidence nothing does.
export const draw = (canvas, map, highest, strength, input) => {
  const { width, height } = input;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  const columns = taps(map.width, width);
  const rows = taps(map.height, height);
  const wide = new Float32Array(map.height * width);
  for (let row = 0; row < map.height; row++)
    for (let x = 0; x < width; x++) wide[row * width + x] = mix(columns[x], (cell) => map.values[row * map.width + cell]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = mix(rows[y], (cell) => wide[cell * width + x]);
      const level = highest > 0 ? 4 * Math.min(255, Math.max(0, Math.round((255 * strength * value) / highest))) : 0;
      picture.data.set(ramp.subarray(level, level + 4), 4 * (y * width + x));
    }
  context.putImageData(picture, 0, 0);
};

// The same in words.
export const strongest = (map) => {
  const at = map.values.indexOf(Math.max(...map.values));
  const third = (value, count) => Math.min(2, Math.floor((3 * value) / count));
  const down = ["top", "", "bottom"][third(Math.floor(at / map.width), map.height)];
  const across = ["left", "", "right"][third(at % map.width, map.width)];
  return text("place." + ([down, across].filter(Boolean).join("-") || "middle"));
};
