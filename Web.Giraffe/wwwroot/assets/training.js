// The judged pictures as training tools take them: a folder for each class.

import { zip } from "./zip.js";

// A name for every file system.
const safe = (text) => text.normalize("NFC").replace(/[\u0000-\u001f<>:"/\\|?*]+/g, "_").replace(/^[. ]+|[. ]+$/g, "").slice(0, 100) || "_";

const extension = (picture) => ({ "image/png": "png", "image/webp": "webp", "image/gif": "gif" })[picture.type] ?? "jpg";

// `answers` are those of the history; of these, the ones whose class is known and whose picture was kept.
export const trainingFolder = async (answers) => {
  const counts = new Map();
  const files = answers.filter(({ right, picture }) => right && picture).map(({ name, right, picture }) => {
    const stem = "train/" + safe(right) + "/" + safe(name.replace(/\.[^.]*$/, ""));
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    return { path: stem + (count > 1 ? "-" + count : "") + "." + extension(picture), content: picture };
  });
  return zip(files);
};
