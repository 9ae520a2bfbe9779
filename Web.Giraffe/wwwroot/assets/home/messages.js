import { count, format, percent, text } from "../language.js";
import { problemOf } from "../problems.js";

const titleAndDetail = (key) => ({ title: text(key + ".title"), detail: text(key + ".detail") });

export const messages = {
  empty: titleAndDetail("page.empty"),
  unreadable: titleAndDetail("page.unreadable"),
  heic: titleAndDetail("page.heic"),
  noPicture: titleAndDetail("page.no-picture"),
  offline: titleAndDetail("page.offline"),
  unreachable: titleAndDetail("page.unreachable"),
  cannotShow: titleAndDetail("page.unshown"),
  sample: titleAndDetail("page.sample"),
  cancelled: titleAndDetail("page.cancelled"),
  noImage: titleAndDetail("page.no-image"),
  noCamera: titleAndDetail("page.no-camera"),
  // `isDecodable` means that the browser can decode the picture.
  tooLarge: (limit, isDecodable) => ({
    title: text("page.file-too-large"),
    detail: text(isDecodable ? "page.copy-too-large" : "page.cannot-shrink", { limit }),
  }),
  noClipboard: text("page.text.no-clipboard"),
  dragged: text("page.text.dragged"),
  pasted: text("page.text.pasted"),
  noLabels: text("page.text.no-labels"),
  waiting: text("page.text.waiting"),
  waitingForNetwork: text("page.text.waiting-for-network"),
  analysing: text("page.text.analysing"),
  converted: (size) => text("page.text.converted", { size }),
  shrunk: (from, to) => text("page.text.shrunk", { from, to }),
  pictureAlt: (name) => text("page.text.yours", { name }),
  remove: (name) => text("page.text.remove", { name }),
  cancel: (name) => text("page.text.cancel", { name }),
  retry: (name) => text("page.text.again", { name }),
  adjust: (name) => text("page.text.adjust", { name }),
  open: (name) => text("page.text.open", { name }),
  mapPlace: (label, where) => text("page.text.seen", { label, where }),
  cached: text("page.text.cached"),
  version: (version) => text("page.text.version", { version }),
  copied: text("page.text.copied"),
  notCopied: text("page.text.not-copied"),
  markedAs: (label) => text("page.text.judged-as", { label }),
  historyCleared: text("page.text.forgotten"),
  restored: text("page.text.restored"),
  pictures: text("page.text.pictures"),
  whichClass: text("page.text.which-class"),
  markedRight: text("page.text.judged-right"),
  markedWrong: text("page.text.judged-wrong"),
  noClass: text("page.text.no-class"),
  classesFound: (number) => count("classes.found", number),
  uploading: (share) => text("page.text.uploading", { share: percent(Math.floor(share * 100) / 100, 0) }),
  retrying: (seconds) => text("page.text.retrying", { seconds: format(seconds) }),
  // The numbers add up to all completed pictures.
  recognised: (done, all, unsure, failed) => text("page.text.recognised", { done: format(done), all: format(all) }) +
    (unsure > 0 ? text("page.text.and-unsure", { count: format(unsure) }) : "") +
    (failed > 0 ? text("page.text.and-failed", { count: format(failed) }) : ""),
  allOf: (all) => text("page.text.all-of", { count: format(all) }),
  unsureOf: (number) => text("page.text.unsure-of", { count: format(number) }),
  failedOf: (number) => text("page.text.failed-of", { count: format(number) }),
  markedWrongOf: (number) => text("page.text.judged-of", { count: format(number) }),
  classOf: (label, number) => text("page.text.class-of", { label, count: format(number) }),
  removed: (number) => count("page.text.removed", number),
  classes: (number, title) => text("page.text.classes-of", { count: typeof number === "number" ? format(number) : number, title }),
  framesPerSecond: (rate) => text("page.text.frames", { rate: format(rate) }),
  cameraName: (time) => text("page.text.camera-name", { time }),
};

// Replaces titles of the server.
const overrides = { "No active worker": titleAndDetail("page.noworkers") };

const tooManyRequests = titleAndDetail("page.too-many");

export const errorOf = (response) => response.status === 429 ? tooManyRequests : overrides[response.body?.title] ?? problemOf(response);

// Returns whether the same file fails again.
export const isPermanent = (status) => [413, 415, 422].includes(status);

// Returns whether a retry may succeed.
export const isTransient = (status) => status === 429 || status === 503;
