// The texts of the upload page's script, by their places. See `language.js`.

import { count, format, percent, text } from "../language.js";
import { problemOf } from "../problems.js";

const pair = (key) => ({ title: text(key + ".title"), detail: text(key + ".detail") });

export const words = {
  empty: pair("page.empty"),
  unreadable: pair("page.unreadable"),
  heic: pair("page.heic"),
  noPicture: pair("page.no-picture"),
  offline: pair("page.offline"),
  unreachable: pair("page.unreachable"),
  unshown: pair("page.unshown"),
  sample: pair("page.sample"),
  cancelled: pair("page.cancelled"),
  noImage: pair("page.no-image"),
  noCamera: pair("page.no-camera"),
  // `isDrawn`: whether this browser can draw the picture.
  tooLarge: (limit, isDrawn) => ({
    title: text("page.file-too-large"),
    detail: text(isDrawn ? "page.copy-too-large" : "page.cannot-shrink", { limit }),
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
  yours: (name) => text("page.text.yours", { name }),
  remove: (name) => text("page.text.remove", { name }),
  cancel: (name) => text("page.text.cancel", { name }),
  again: (name) => text("page.text.again", { name }),
  adjust: (name) => text("page.text.adjust", { name }),
  open: (name) => text("page.text.open", { name }),
  seen: (label, where) => text("page.text.seen", { label, where }),
  cached: text("page.text.cached"),
  version: (version) => text("page.text.version", { version }),
  copied: text("page.text.copied"),
  notCopied: text("page.text.not-copied"),
  judgedAs: (label) => text("page.text.judged-as", { label }),
  forgotten: text("page.text.forgotten"),
  restored: text("page.text.restored"),
  pictures: text("page.text.pictures"),
  whichClass: text("page.text.which-class"),
  judgedRight: text("page.text.judged-right"),
  judgedWrong: text("page.text.judged-wrong"),
  noClass: text("page.text.no-class"),
  classesFound: (number) => count("classes.found", number),
  uploading: (share) => text("page.text.uploading", { share: percent(Math.floor(share * 100) / 100, 0) }),
  retrying: (seconds) => text("page.text.retrying", { seconds: format(seconds) }),
  // The numbers of all that are not on their way add up.
  recognised: (done, all, unsure, failed) => text("page.text.recognised", { done: format(done), all: format(all) }) +
    (unsure > 0 ? text("page.text.and-unsure", { count: format(unsure) }) : "") +
    (failed > 0 ? text("page.text.and-failed", { count: format(failed) }) : ""),
  allOf: (all) => text("page.text.all-of", { count: format(all) }),
  unsureOf: (number) => text("page.text.unsure-of", { count: format(number) }),
  failedOf: (number) => text("page.text.failed-of", { count: format(number) }),
  judgedOf: (number) => text("page.text.judged-of", { count: format(number) }),
  classOf: (label, number) => text("page.text.class-of", { label, count: format(number) }),
  removed: (number) => count("page.text.removed", number),
  classes: (number, title) => text("page.text.classes-of", { count: typeof number === "number" ? format(number) : number, title }),
  framesPerSecond: (rate) => text("page.text.frames", { rate: format(rate) }),
  cameraName: (time) => text("page.text.camera-name", { time }),
};

// The server's title that this page has words of its own for.
const own = { "No active worker": pair("page.noworkers") };

const tooMany = pair("page.too-many");

export const refused = (reply) => reply.status === 429 ? tooMany : own[reply.said?.title] ?? problemOf(reply);

// Whether the server will refuse this file every time: it is too large, or no picture.
export const isFinal = (status) => [413, 415, 422].includes(status);

// Whether another attempt may help without any action of the user.
export const passes = (status) => status === 429 || status === 503;
