import { text } from "../../language.js";

// Applies to models that do not describe their input.
const defaultInput = { width: 224, height: 224, resize: "shorter-side", side: 256 };

export const inputSpec = (model) => (model?.width > 0 && model.height > 0 && model.resize ? model : defaultInput);

// Rounds half to even, as the worker does.
const cropOffset = (length, cropLength) => {
  const half = (length - cropLength) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half);
};

// Returns the part of the picture that the model receives, as fractions. With padding, it exceeds the picture.
export const inputRegion = (width, height, input) => {
  if (input.resize === "stretch") return { left: 0, top: 0, width: 1, height: 1 };
  if (input.resize === "fit") {
    const scale = Math.min(input.width / width, input.height / height);
    const [across, down] = [input.width / (width * scale), input.height / (height * scale)];
    return { left: (1 - across) / 2, top: (1 - down) / 2, width: across, height: down };
  }
  const longer = Math.floor((input.side * Math.max(width, height)) / Math.min(width, height));
  const [across, down] = width <= height ? [input.side, longer] : [longer, input.side];
  return {
    left: cropOffset(across, input.width) / across,
    top: cropOffset(down, input.height) / down,
    width: input.width / across,
    height: input.height / down,
  };
};

// Lists position, red, green, blue and opacity.
const colorStops = [
  [0, 22, 12, 48, 0.62],
  [0.35, 98, 22, 92, 0.55],
  [0.65, 222, 76, 40, 0.5],
  [0.85, 252, 160, 50, 0.48],
  [1, 255, 236, 130, 0.5],
];

const colorTable = new Uint8ClampedArray(256 * 4);
for (let level = 0; level < 256; level++) {
  const position = level / 255;
  const upper = Math.max(1, colorStops.findIndex(([stop]) => stop >= position));
  const [low, high] = [colorStops[upper - 1], colorStops[upper]];
  const fraction = (position - low[0]) / (high[0] - low[0]);
  for (let channel = 0; channel < 4; channel++) {
    const value = low[channel + 1] + fraction * (high[channel + 1] - low[channel + 1]);
    colorTable[4 * level + channel] = channel < 3 ? value : value * 255;
  }
}

export const decodeMap = (map) => {
  const bytes = Uint8Array.from(atob(map.cells), (letter) => letter.charCodeAt(0));
  return {
    width: map.width,
    height: map.height,
    highest: map.highest,
    values: Float32Array.from(bytes, (byte) => map.lowest + ((map.highest - map.lowest) * byte) / 255),
  };
};

// Returns the Catmull-Rom weights of four cells.
const catmullRom = (t) => [
  ((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, (((4 - 3 * t) * t + 1) * t) / 2, ((t - 1) * t * t) / 2,
];

const filterTap = (count, position) => {
  const clamped = Math.min(count - 1, Math.max(0, position));
  const cell = Math.floor(clamped);
  const neighbor = (offset) => Math.min(count - 1, Math.max(0, cell + offset));
  return { cells: [neighbor(-1), cell, neighbor(1), neighbor(2)], weights: catmullRom(clamped - cell) };
};

// Centres the cells. The stride is a power of two: 16 pixels for 13 × 13 cells, 32 for 7 × 7.
const filterTaps = (count, length) => {
  const stride = 2 ** Math.round(Math.log2(length / count));
  const first = Math.floor((length - 1 - (count - 1) * stride) / 2);
  return Array.from({ length }, (_, pixel) => filterTap(count, (pixel - first) / stride));
};

const interpolate = ({ cells, weights }, value) =>
  weights[0] * value(cells[0]) + weights[1] * value(cells[1]) + weights[2] * value(cells[2]) + weights[3] * value(cells[3]);

// Draws `highest`, the maximum of all maps, with the colour at `strength` (0 to 1): improbable classes stay dark.
export const drawHeatmap = (canvas, map, highest, strength, input) => {
  const { width, height } = input;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const columns = filterTaps(map.width, width);
  const rows = filterTaps(map.height, height);
  const stretched = new Float32Array(map.height * width);
  for (let row = 0; row < map.height; row++)
    for (let x = 0; x < width; x++) stretched[row * width + x] = interpolate(columns[x], (cell) => map.values[row * map.width + cell]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = interpolate(rows[y], (cell) => stretched[cell * width + x]);
      const level = highest > 0 ? 4 * Math.min(255, Math.max(0, Math.round((255 * strength * value) / highest))) : 0;
      image.data.set(colorTable.subarray(level, level + 4), 4 * (y * width + x));
    }
  context.putImageData(image, 0, 0);
};

export const describePeak = (map) => {
  const peak = map.values.indexOf(Math.max(...map.values));
  const third = (value, count) => Math.min(2, Math.floor((3 * value) / count));
  const down = ["top", "", "bottom"][third(Math.floor(peak / map.width), map.height)];
  const across = ["left", "", "right"][third(peak % map.width, map.width)];
  return text("place." + ([down, across].filter(Boolean).join("-") || "middle"));
};
