// Classifies the frames of the camera, at most one in flight, and shows the answer and the heat map over the video.

import { element, setText } from "../common.js";
import { decodeMap, drawHeatmap, inputRegion, inputSpec } from "./card/heatmap.js";
import { sentence } from "./card/sentence.js";
import { Unreachable, delay, send } from "./upload.js";
import { errorOf, isTransient, messages } from "./messages.js";

const dialog = document.getElementById("camera-view");
const video = dialog.querySelector("video");
const sentenceElement = dialog.querySelector(".live-answer");
const liveRegion = dialog.querySelector(".live-spoken");
const frameRate = dialog.querySelector(".rate");
const snapshotButton = dialog.querySelector(".snapshot");
const flipButton = dialog.querySelector(".flip");

// Limits how often a screen reader is interrupted.
const announceIntervalMs = 3000;

// Models resize a frame to about this side: more pixels would only cost bandwidth.
const shorterSide = 256;

let controller = null;
let announcedAt = 0;
let facingMode = "environment";

const frameCanvas = document.createElement("canvas");

// Resolves with the current frame as a JPEG whose shorter side has at most `side` pixels.
const captureFrame = (side) => {
  const scale = side / Math.min(video.videoWidth, video.videoHeight);
  frameCanvas.width = Math.round(video.videoWidth * Math.min(1, scale));
  frameCanvas.height = Math.round(video.videoHeight * Math.min(1, scale));
  frameCanvas.getContext("2d").drawImage(video, 0, 0, frameCanvas.width, frameCanvas.height);
  return new Promise((resolve) => { frameCanvas.toBlob(resolve, "image/jpeg", 0.9); });
};

const heatmap = element("canvas", "heat");
heatmap.setAttribute("aria-hidden", "true");

// Announces a new answer. The confidence is left out, because it changes with every frame.
const announceAnswer = (text) => {
  if (liveRegion.textContent === text || performance.now() - announcedAt < announceIntervalMs) return;
  liveRegion.textContent = text;
  announcedAt = performance.now();
};

const show = (result, { width, height }, input) => {
  const answer = sentence(result);
  setText(sentenceElement, answer.text);
  announceAnswer(answer.head);
  const [first] = result.predictions;
  const map = result.maps?.find(({ index }) => index === first.index);
  heatmap.hidden = !map;
  if (!map) return;
  // Aligns the map with the displayed video.
  const [left, top] = [video.offsetLeft, video.offsetTop];
  const region = inputRegion(width, height, input);
  heatmap.style.left = left + region.left * video.clientWidth + "px";
  heatmap.style.top = top + region.top * video.clientHeight + "px";
  heatmap.style.width = region.width * video.clientWidth + "px";
  heatmap.style.height = region.height * video.clientHeight + "px";
  const highest = Math.max(...result.maps.map(({ highest }) => highest));
  drawHeatmap(heatmap, decodeMap(map), highest, map.strength ?? Math.sqrt(first.probability), input);
};

const classifyFrames = async ({ model, input }, signal) => {
  const times = [];
  while (!signal.aborted) {
    // Skips frames while the page is in the background or the video has not started.
    if (document.hidden || video.readyState < 2) {
      await delay(100, signal);
      continue;
    }
    const picture = await captureFrame(shorterSide);
    if (!picture) continue;
    const size = { width: frameCanvas.width, height: frameCanvas.height };
    const response = await send(picture, model, signal, () => {}).catch((error) => {
      if (!(error instanceof Unreachable)) throw error;
      return null;
    });
    if (response === null) {
      sentenceElement.textContent = messages.unreachable.title + ". " + messages.unreachable.detail;
      await delay(1000, signal);
    } else if (response.status === 200 && response.body) {
      show(response.body, size, input);
      times.push(performance.now());
      // Averages the frame rate over the last 30 frames.
      if (times.length > 30) times.shift();
      const seconds = (times.at(-1) - times[0]) / 1000;
      if (seconds > 0) {
        dialog.dataset.rate = ((times.length - 1) / seconds).toFixed(1);
        frameRate.textContent = messages.framesPerSecond(Math.round(dialog.dataset.rate));
      }
    } else {
      const { title, detail } = errorOf(response);
      sentenceElement.textContent = title + ". " + detail;
      if (!isTransient(response.status)) return;
      await delay(1000 * Math.max(0.5, response.retryAfterSeconds ?? 1), signal);
    }
  }
};

const stop = () => {
  controller?.abort();
  controller = null;
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
};

const start = async (options) => {
  stop();
  const current = new AbortController();
  controller = current;
  heatmap.hidden = true;
  sentenceElement.textContent = messages.analysing;
  liveRegion.textContent = frameRate.textContent = "";
  snapshotButton.disabled = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode, width: { ideal: 1280 } }, audio: false });
    if (current.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
    video.srcObject = stream;
    await video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    flipButton.hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
    snapshotButton.disabled = false;
    await classifyFrames(options, current.signal);
  } catch (error) {
    if (current.signal.aborted) return;
    sentenceElement.textContent = messages.noCamera.title + ". " + messages.noCamera.detail;
    snapshotButton.disabled = true;
  }
};

let activeOptions = null;

dialog.addEventListener("close", stop);
dialog.querySelector(".close").addEventListener("click", () => dialog.close());
flipButton.addEventListener("click", () => {
  facingMode = facingMode === "environment" ? "user" : "environment";
  start(activeOptions);
});
snapshotButton.addEventListener("click", async () => {
  const picture = await captureFrame(Infinity);
  if (!picture) return;
  const { addPictures } = activeOptions;
  dialog.close();
  const name = messages.cameraName(new Date().toTimeString().slice(0, 8).replaceAll(":", "-"));
  addPictures([{ name, picture: new File([picture], name, { type: "image/jpeg" }) }]);
});

// Opens the dialog. An empty `model` selects the default model; `input` describes the model's input; `addPictures` receives
// the snapshot.
export const open = ({ model, input, addPictures }) => {
  activeOptions = { model, input: inputSpec(input), addPictures };
  video.muted = true;
  dialog.querySelector(".viewfinder").append(heatmap);
  dialog.showModal();
  start(activeOptions);
};
