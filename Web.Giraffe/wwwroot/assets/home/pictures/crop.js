// Lets the user crop and rotate a picture. The selection is the part that the model receives.

import { inputRegion, inputSpec } from "../card/heatmap.js";
import { crop } from "./prepare.js";

const dialog = document.getElementById("crop-view");
const canvas = dialog.querySelector("canvas");
const frame = dialog.querySelector(".part");
const slider = dialog.querySelector("input");

let quarterTurns = 0;
let bitmap = null;
let input = null;
// The centre and the maximum size of the selection, in fractions of the rotated picture.
let center = { x: 0.5, y: 0.5 };
let maxSize = { width: 1, height: 1 };

const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

const selection = () => {
  const width = maxSize.width * slider.value;
  const height = maxSize.height * slider.value;
  return {
    width, height,
    left: clamp(center.x - width / 2, 0, 1 - width),
    top: clamp(center.y - height / 2, 0, 1 - height),
  };
};

const update = () => {
  const current = selection();
  center = { x: current.left + current.width / 2, y: current.top + current.height / 2 };
  for (const side of ["left", "top", "width", "height"]) frame.style[side] = (current[side] * 100).toFixed(3) + "%";
};

// Computes the largest selection with the aspect ratio of the model's input.
const updateMaxSize = () => {
  const aspect = input.width / input.height;
  const { width, height } = canvas;
  maxSize = input.resize === "stretch" || input.resize === "fit" ? { width: 1, height: 1 }
    : width / height > aspect ? { width: (height * aspect) / width, height: 1 } : { width: 1, height: width / aspect / height };
};

const redraw = () => {
  const isSideways = quarterTurns % 2 === 1;
  canvas.width = isSideways ? bitmap.height : bitmap.width;
  canvas.height = isSideways ? bitmap.width : bitmap.height;
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((quarterTurns * Math.PI) / 2);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  updateMaxSize();
  update();
};

const rotate = (direction) => {
  quarterTurns = (quarterTurns + direction + 4) % 4;
  center = direction > 0 ? { x: 1 - center.y, y: center.x } : { x: center.y, y: 1 - center.x };
  redraw();
};

dialog.querySelector(".left").addEventListener("click", () => rotate(-1));
dialog.querySelector(".right").addEventListener("click", () => rotate(1));
dialog.querySelector(".close").addEventListener("click", () => dialog.close());
slider.addEventListener("input", update);

frame.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  frame.focus();
  frame.setPointerCapture(event.pointerId);
  const origin = { x: event.clientX, y: event.clientY, center };
  const { width, height } = canvas.getBoundingClientRect();
  const move = ({ clientX, clientY }) => {
    center = { x: origin.center.x + (clientX - origin.x) / width, y: origin.center.y + (clientY - origin.y) / height };
    update();
  };
  frame.addEventListener("pointermove", move);
  frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
});

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

frame.addEventListener("keydown", (event) => {
  const step = steps[event.key];
  if (step) center = { x: center.x + 0.02 * step[0], y: center.y + 0.02 * step[1] };
  else if (event.key === "+" || event.key === "-") slider.value = Number(slider.value) + (event.key === "+" ? 0.05 : -0.05);
  else return;
  event.preventDefault();
  update();
});

// Expands the selection by the margin that the model's centre crop removes. The result may exceed the picture, where it is
// filled with white.
const expand = ({ left, top, width, height }) => {
  // The region of a square picture is independent of its size; 1000 keeps the rounding error small.
  const region = inputRegion(1000, 1000, input);
  if (input.resize !== "shorter-side") return { left, top, width, height };
  const [outerWidth, outerHeight] = [width / region.width, height / region.height];
  return {
    left: left - (outerWidth - width) / 2, top: top - (outerHeight - height) / 2, width: outerWidth, height: outerHeight,
  };
};

// Returns the slider value at which the selection equals the model's crop of the whole picture.
const defaultSize = () => Math.min(1, inputRegion(canvas.width, canvas.height, input).height / maxSize.height);

// Returns whether the selection is the part that the model receives without cropping.
const isUntouched = () =>
  quarterTurns === 0 && Math.abs(slider.value - defaultSize()) < 0.005 && Math.hypot(center.x - 0.5, center.y - 0.5) < 1e-6;

let resolveDialog = null;
dialog.querySelector(".go").addEventListener("click", () => dialog.close("part"));
dialog.addEventListener("close", () => {
  const change = dialog.returnValue !== "part" ? null : isUntouched() ? "none" : { quarterTurns, region: expand(selection()) };
  canvas.width = canvas.height = 1;
  bitmap?.close();
  bitmap = null;
  resolveDialog?.(change);
});

// Opens the dialog for `picture`; `preview` is the rendition to show, `model` describes the model's input. Resolves with the
// part as a new picture, the same picture if nothing was changed, or null if the dialog was closed.
export const choosePart = (source) => {
  const result = queue.then(() => openDialog(source));
  queue = result.catch(() => {});
  return result;
};

// Queues the dialogs: the user can paste a picture while another one is being cropped.
let queue = Promise.resolve();

const openDialog = async ({ name, picture, address, preview, model }) => {
  input = inputSpec(model);
  bitmap = await createImageBitmap(preview);
  quarterTurns = 0;
  center = { x: 0.5, y: 0.5 };
  dialog.querySelector(".of").textContent = name;
  dialog.returnValue = "";
  dialog.showModal();
  redraw();
  slider.value = defaultSize();
  update();
  frame.focus();
  const change = await new Promise((resolve) => { resolveDialog = resolve; });
  if (change === null) return null;
  if (change === "none") return { name, picture, address };
  // The preview replaces a file that only an image element can decode, such as SVG.
  const blob = await crop(picture, change).catch(() => crop(preview, change));
  const fileName = name.replace(/\.[^.]*$/, "") + ", cropped.jpg";
  return { name: fileName, picture: new File([blob], fileName, { type: "image/jpeg" }) };
};
