// The live camera: frames at the rate that the service answers, never more than one on its way, with the sentence and the
// map over the moving picture.

import { element } from "../common.js";
import { draw, inputOf, read, square } from "./card/heat.js";
import { sentence } from "./card/sentence.js";
import { Unreachable, pause, send } from "./upload.js";
import { passes, refused, words } from "./words.js";

const dialog = document.getElementById("camera-view");
const video = dialog.querySelector("video");
const best = dialog.querySelector(".live-answer");
const spoken = dialog.querySelector(".live-spoken");
const rate = dialog.querySelector(".rate");
const snapshot = dialog.querySelector(".snapshot");
const flip = dialog.querySelector(".flip");

// Between two sentences for screen readers, in milliseconds.
const speaksEvery = 3000;

// What the network needs of a frame, and no more.
const shorterSide = 256;

let running = null;
let spokenAt = 0;
let facing = "environment";

const frame = document.createElement("canvas");

const grab = (side) => {
  const scale = side / Math.min(video.videoWidth, video.videoHeight);
  frame.width = Math.round(video.videoWidth * Math.min(1, scale));
  frame.height = Math.round(video.videoHeight * Math.min(1, scale));
  frame.getContext("2d").drawImage(video, 0, 0, frame.width, frame.height);
  return new Promise((resolve) => { frame.toBlob(resolve, "image/jpeg", 0.9); });
};

const heat = element("canvas", "heat");
heat.setAttribute("aria-hidden", "true");

// The sentence changes with every frame: a screen reader hears a new answer, and no new percentage.
const speak = (text) => {
  if (spoken.textContent === text || performance.now() - spokenAt < speaksEvery) return;
  spoken.textContent = text;
  spokenAt = performance.now();
};

const show = (found, { width, height }, input) => {
  const told = sentence(found);
  if (best.textContent !== told.text) best.textContent = told.text;
  speak(told.head);
  const [first] = found.predictions;
  const map = found.maps?.find(({ index }) => index === first.index);
  heat.hidden = !map;
  if (!map) return;
  // The map lies over the video as it is shown.
  const [left, top] = [video.offsetLeft, video.offsetTop];
  const place = square(width, height, input);
  heat.style.left = left + place.left * video.clientWidth + "px";
  heat.style.top = top + place.top * video.clientHeight + "px";
  heat.style.width = place.width * video.clientWidth + "px";
  heat.style.height = place.height * video.clientHeight + "px";
  const highest = Math.max(...found.maps.map((one) => one.highest));
  draw(heat, read(map), highest, map.strength ?? Math.sqrt(first.probability), input);
};

const loop = async ({ model, input }, signal) => {
  const times = [];
  while (!signal.aborted) {
    // A page in the background shows nothing.
    if (document.hidden || video.readyState < 2) {
      await pause(100, signal);
      continue;
    }
    const picture = await grab(shorterSide);
    if (!picture) continue;
    const size = { width: frame.width, height: frame.height };
    const reply = await send(picture, model, signal, () => {}).catch((error) => {
      if (!(error instanceof Unreachable)) throw error;
      return null;
    });
    if (reply === null) {
      best.textContent = words.unreachable.title + ". " + words.unreachable.detail;
      await pause(1000, signal);
    } else if (reply.status === 200 && reply.said) {
      show(reply.said, size, input);
      times.push(performance.now());
      if (times.length > 30) times.shift();
      const seconds = (times.at(-1) - times[0]) / 1000;
      if (seconds > 0) {
        dialog.dataset.rate = ((times.length - 1) / seconds).toFixed(1);
        rate.textContent = words.framesPerSecond(Math.round(dialog.dataset.rate));
      }
    } else {
      const { title, detail } = refused(reply);
      best.textContent = title + ". " + detail;
      if (!passes(reply.status)) return;
      await pause(1000 * Math.max(0.5, reply.after ?? 1), signal);
    }
  }
};

const stop = () => {
  running?.abort();
  running = null;
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
};

const start = async (options) => {
  stop();
  const mine = new AbortController();
  running = mine;
  heat.hidden = true;
  best.textContent = words.analysing;
  spoken.textContent = rate.textContent = "";
  snapshot.disabled = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1280 } }, audio: false });
    if (mine.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
    video.srcObject = stream;
    await video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    flip.hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
    snapshot.disabled = false;
    await loop(options, mine.signal);
  } catch (error) {
    if (mine.signal.aborted) return;
    best.textContent = words.noCamera.title + ". " + words.noCamera.detail;
    snapshot.disabled = true;
  }
};

let opened = null;

dialog.addEventListener("close", stop);
dialog.querySelector(".close").addEventListener("click", () => dialog.close());
flip.addEventListener("click", () => {
  facing = facing === "environment" ? "user" : "environment";
  start(opened);
});
snapshot.addEventListener("click", async () => {
  const picture = await grab(Infinity);
  if (!picture) return;
  const { take } = opened;
  dialog.close();
  const name = words.cameraName(new Date().toTimeString().slice(0, 8).replaceAll(":", "-"));
  take([{ name, picture: new File([picture], name, { type: "image/jpeg" }) }]);
});

// `model` is "" for the default one; `input` describes what the model sees; `take` gets the snapshot.
export const open = ({ model, input, take }) => {
  opened = { model, input: inputOf(input), take };
  video.muted = true;
  dialog.querySelector(".viewfinder").append(heat);
  dialog.showModal();
  start(opened);
};
