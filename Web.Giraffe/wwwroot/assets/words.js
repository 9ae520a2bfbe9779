// The texts of the upload page's script. The server's own texts for people are shown as they are.

export const words = {
  empty: { title: "Empty file", detail: "Choose another one." },
  // `isDrawn`: whether this browser can draw the picture.
  tooLarge: (limit, isDrawn) => ({
    title: "The file is too large",
    detail: "The limit is " + limit + (isDrawn
      ? ", and the smaller copy exceeds it. Crop the picture, then try again."
      : ", and this browser can't open the file to shrink it. Save it as a smaller JPEG, then try again."),
  }),
  unreadable: {
    title: "The file can't be read",
    detail: "It was moved or changed. Choose it again.",
  },
  heic: { title: "HEIC isn't supported by this browser", detail: "Save it as JPEG, then try again." },
  noPicture: { title: "No picture chosen", detail: "Choose a picture first." },
  offline: { title: "You're offline", detail: "We'll send it when you're back online." },
  unreachable: { title: "Can't reach the server", detail: "Check that it's running, then try again." },
  sample: { title: "Can't load the sample", detail: "Check that the server is running, then try again." },
  cancelled: { title: "Cancelled", detail: "This picture wasn't sent." },
  noClipboard: "This browser doesn't allow copying. Select the text and copy it yourself.",
  noImage: { title: "No picture there", detail: "This page can't fetch pictures from other sites. Save the picture first, then choose the file." },
  dragged: "dragged picture",
  pasted: "pasted picture",
  noCamera: { title: "No camera", detail: "The browser gave no access to a camera. Allow it for this page, or choose a picture." },
  noLabels: "The list of classes can't be loaded. Try again in a moment.",

  waiting: "Waiting…",
  waitingForNetwork: "Waiting for a network…",
  analysing: "Analysing…",
  uploading: (share) => "Uploading, " + Math.floor(share * 100) + "%",
  retrying: (seconds) => "Retrying in " + seconds + " s",
  converted: (size) => "Sent as a JPEG of " + size,
  shrunk: (from, to) => "Over the limit: sent as a smaller copy, " + from + " to " + to,
  yours: (name) => "Your picture, " + name,
  remove: (name) => "Remove " + name,
  cancel: (name) => "Cancel " + name,
  again: (name) => "Try again: " + name,
  adjust: (name) => "Crop or rotate " + name,
  open: (name) => "Show the whole answer for " + name,
  seen: (label, where) => label + ": the model looked mostly " + where,
  cached: "cached",
  version: (version) => "version " + version,
  copied: "Copied",
  notCopied: "Not copied",

  recognised: (done, all, failed) => done + " of " + all + " recognised" + (failed > 0 ? ", " + failed + " failed" : ""),
  allOf: (all) => "All (" + all + ")",
  unsureOf: (count) => "Not sure (" + count + ")",
  failedOf: (count) => "Failed (" + count + ")",
  judgedOf: (count) => "Marked wrong (" + count + ")",
  classOf: (label, count) => label + " (" + count + ")",
  removed: (count) => (count === 1 ? "Removed" : count + " removed"),
  forgotten: "History cleared",
  restored: "Restored",
  pictures: "Pictures",

  whichClass: "Which class is right?",
  judgedRight: "Thanks. Marked as right.",
  judgedWrong: "Marked as wrong. Which class is right?",
  judgedAs: (label) => "Right class: " + label,
  classes: (count, title) => count + " classes of " + title,
  noClass: "No class matches.",
  framesPerSecond: (rate) => rate + " frames a second",
  cameraName: (time) => "camera " + time + ".jpg",
};

const plain = {
  401: { title: "Sign in again", detail: "Your session has ended. Reload the page, then sign in." },
  403: { title: "Not allowed", detail: "The server refused this page's request. Reload, or ask the operator." },
  413: { title: "The file is too large", detail: "The server doesn't take files of this size. Make it smaller, then try again." },
  429: { title: "Too many requests", detail: "Retrying shortly." },
  503: { title: "No workers are available", detail: "Retrying…" },
  504: { title: "No answer in time", detail: "Try again; a smaller picture may help." },
};

// The server's texts for these are for programs: they describe headers and settings.
const forPrograms = [401, 429];

// The server's titles that this page has words of its own for.
const own = { "No active worker": plain[503] };

export const refused = ({ status, said }) => own[said?.title] ?? (said?.title && said?.detail && !forPrograms.includes(status)
  ? { title: said.title, detail: said.detail }
  : plain[status] ?? { title: "Unexpected response (" + status + ")", detail: "Reload and try again." });

// Whether another attempt may help without any action of the user.
export const passes = (status) => status === 429 || status === 503;
