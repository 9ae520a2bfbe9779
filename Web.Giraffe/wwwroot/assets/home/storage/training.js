// Exports the pictures whose class the user confirmed, in the layout of training tools: one folder per class.

import { zip } from "./zip.js";

// Replaces the characters that a file system does not allow, and limits the length.
const safeFileName = (text) => text.normalize("NFC").replace(/[\u0000-\u001f<>:"/\\|?*]+/g, "_").replace(/^[. ]+|[. ]+$/g, "").slice(0, 100) || "_";

const extension = (picture) => ({ "image/png": "png", "image/webp": "webp", "image/gif": "gif" })[picture.type] ?? "jpg";

// Creates a ZIP archive of the results that have a confirmed class and a stored picture.
export const trainingFolder = async (results) => {
  const paths = new Set();
  const files = results.filter(({ right, picture }) => right && picture).map(({ name, right, picture }) => {
    const stem = "train/" + safeFileName(right) + "/" + safeFileName(name.replace(/\.[^.]*$/, ""));
    const suffix = "." + extension(picture);
    let path = stem + suffix;
    for (let count = 2; paths.has(path.toLowerCase()); count++) path = stem + "-" + count + suffix;
    paths.add(path.toLowerCase());
    return { path, content: picture };
  });
  return zip(files);
};
