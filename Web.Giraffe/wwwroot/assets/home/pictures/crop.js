// Crop and rotate: shows which part of a picture the model sees, and lets the user move it.

import { inputOf, square } from "../card/heat.js";
import { cut } from "./prepare.js";

const dialog = document.getElementById("crop-view");
const canvas = dialog.querySelector("canvas");
const part = dialog.querySelector(".part");
const size = dialog.querySelector("input");

let turns = 0;
let bitmap = null;
let input = null;
// The part's centre and its longest possible sides, as shares of the turned picture.
let centre = { x: 0.5, y: 0.5 };
let whole = { width: 1, height: 1 };

const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

const chosen = () => {
  const width = whole.width * size.value;
  const height = whole.height * size.value;
  return {
    width, height,
    left: clamp(centre.x - width / 2, 0, 1 - width),
    top: clamp(centre.y - height / 2, 0, 1 - height),
  };
};

const place = () => {
  const at = chosen();
  centre = { x: at.left + at.width / 2, y: at.top + at.height / 2 };
  for (const side of ["left", "top", "width", "height"]) part.style[side] = (at[side] * 100).toFixed(3) + "%";
};

// The largest part of the input's proportions.
const measure = () => {
  const aspect = input.width / input.height;
  const [across, down] = [canvas.width, canvas.height];
  whole = input.resize === "stretch" || input.resize === "fit" ? { width: 1, height: 1 }
    : across / down > aspect ? { width: (down * aspect) / across, height: 1 } : { width: 1, height: across / aspect / down };
};

const paint = () => {
  const isSideways = turns % 2 === 1;
  canvas.width = isSideways ? bitmap.height : bitmap.width;
  canvas.height = isSideways ? bitmap.width : bitmap.height;
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  measure();
  place();
};

const turn = (by) => {
  turns = (turns + by + 4) % 4;
  centre = by > 0 ? { x: 1 - centre.y, y: centre.x } : { x: centre.y, y: 1 - centre.x };
  paint();
};

dialog.querySelector(".left").addEventListener("click", () => turn(-1));
dialog.querySelector(".right").addEventListener("click", () => turn(1));
dialog.querySelector(".close").addEventListener("click", () => dialog.close());
size.addEventListener("input", place);

part.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  part.focus();
  part.setPointerCapture(event.pointerId);
  const from = { x: event.clientX, y: event.clientY, centre };
  const { width, height } = canvas.getBoundingClientRect();
  const move = ({ clientX, clientY }) => {
    centre = { x: from.centre.x + (clientX - from.x) / width, y: from.centre.y + (clientY - from.y) / height };
    place();
  };
  part.addEventListener("pointermove", move);
  part.addEventListener("lostpointercapture", () => part.removeEventListener("pointermove", move), { once: true });
});

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

part.addEventListener("keydown", (event) => {
  const step = steps[event.key];
  if (step) centre = { x: centre.x + 0.02 * step[0], y: centre.y + 0.02 * step[1] };
  else if (event.key === "+" || event.key === "-") size.value = Number(size.value) + (event.key === "+" ? 0.05 : -0.05);
  else return;
  event.preventDefault();
  place();
});

// Of a resized picture the model sees the centre: what is cut out is larger than the part. It may reach beyond the picture,
// where it is white.
const widened = ({ left, top, width, height }) => {
  const seen = square(1000, 1000, input);
  if (input.resize !== "shorter-side") return { left, top, width, height };
  const [more, higher] = [width / seen.width, height / seen.height];
  return { left: left - (more - width) / 2, top: top - (higher - height) / 2, width: more, height: higher };
};

// The size of the part that the model sees of the whole picture.
const wholeSize = () => Math.min(1, square(canvas.width, canvas.height, input).height / whole.height);

// Nothing was turned, moved or resized: the part is the one that the model sees anyway.
const isUntouched = () =>
  turns === 0 && Math.abs(size.value - wholeSize()) < 0.005 && Math.hypot(centre.x - 0.5, centre.y - 0.5) < 1e-6;

let settle = null;
dialog.querySelector(".go").addEventListener("click", () => dialog.close("part"));
dialog.addEventListener("close", () => {
  const change = dialog.returnValue !== "part" ? null : isUntouched() ? "none" : { turns, part: widened(chosen()) };
  canvas.width = canvas.height = 1;
  bitmap?.close();
  bitmap = null;
  settle?.(change);
});

// Lets the user choose a part of `picture`; `shown` is the copy to show, `model` describes the model's input. Resolves with
// the part as a new picture, the same picture if it was left as it is, or null if the dialog was closed.
export const choosePart = (source) => {
  const mine = last.then(() => choose(source));
  last = mine.catch(() => {});
  return mine;
};

// One after the other: a picture may be pasted while another one is cropped.
let last = Promise.resolve();

const choose = async ({ name, picture, address, shown, model }) => {
  input = inputOf(model);
  bitmap = await createImageBitmap(shown);
  turns = 0;
  centre = { x: 0.5, y: 0.5 };
  dialog.querySelector(".of").textContent = name;
  dialog.returnValue = "";
  dialog.showModal();
  paint();
  size.value = wholeSize();
  place();
  part.focus();
  const change = await new Promise((resolve) => { settle = resolve; });
  if (change === null) return null;
  if (change === "none") return { name, picture, address };
  // A file that only an image element draws is cut from the copy.
  const blob = await cut(picture, change).catch(() => cut(shown, change));
  const named = name.replace(/\.[^.]*$/, "") + ", cropped.jpg";
  return { name: named, picture: new File([blob], named, { type: "image/jpeg" }) };
};
