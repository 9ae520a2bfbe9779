// The judged pictures as training tools take them: a folder for each class.

import { zip } from "./zip.js";

// A name for every file system.
const safe = (text) => text.normalize("NFC").replace(/[\u0000-\u001f<>:"/\\|?*]+/g, "_").replace(/^[. ]+|[. ]+$/g, "").slice(0, 100) || "_";

const extension = (picture) => ({ "image/png": "png", "image/webp": "webp", "image/gif": "gif" })[picture.type] ?? "jpg";

// `answers` are those of the history; of these, the ones whose class is known and whose picture was kept.
export const trainingFolder = async (answers) => {
  const paths = new Set();
  const files = answers.filter(({ right, picture }) => right && picture).map(({ name, right, picture }) => {
    const stem = "train/" + safe(right) + "/" + safe(name.replace(/\.[^.]*$/, ""));
    const end = "." + extension(picture);
    let path = stem + end;
    for (let count = 2; paths.has(path.toLowerCase()); count++) path = stem + "-" + count + end;
    paths.add(path.toLowerCase());
    return { path, content: picture };
  });
  return zip(files);
};
