// The ways in: chosen files and folders, dropped and pasted pictures, images dragged from another page, and samples.

const isPicture = ({ name, type }) => type.startsWith("image/") || /\.(heic|heif|avif|tiff?|bmp|ico|jfif)$/i.test(name);

const filesOf = (entry) => new Promise((resolve) => {
  if (entry.isFile) entry.file((file) => resolve([file]), () => resolve([]));
  else {
    const reader = entry.createReader();
    const all = [];
    // A reader gives some hundred entries at a time.
    const more = () => reader.readEntries(async (entries) => {
      if (entries.length === 0) {
        const nested = [];
        for (const one of all) nested.push(...await filesOf(one));
        resolve(nested);
      } else {
        all.push(...entries);
        more();
      }
    }, () => resolve([]));
    more();
  }
});

// The files that were dropped, with those in folders. In a folder other files than pictures are passed over.
const dropped = async (data) => {
  const entries = [...data.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files];
  const files = [];
  for (const entry of entries) {
    if (!entry) continue;
    const found = await filesOf(entry);
    files.push(...(entry.isDirectory ? found.filter(isPicture) : found));
  }
  return files;
};

const addressOf = (data) => {
  const html = data.getData("text/html");
  const image = html && new DOMParser().parseFromString(html, "text/html").querySelector("img")?.src;
  return image || data.getData("text/uri-list").split(/\r?\n/).find((line) => line && !line.startsWith("#")) || null;
};

const isField = (event) => event.target.closest?.("input:not([type=file]), textarea");

// Pictures, or the address of one, which a field takes as text. A text is no picture.
const carries = (event) => {
  const types = event.dataTransfer?.types ?? [];
  return types.includes("Files") || types.includes("text/uri-list") && !isField(event);
};

const web = /^https?:\/\/\S+$/i;

// `take` gets files; `fetchImage` the address of an image of another page. `canFetch`: whether a pasted address is one.
export const listen = ({ take, fetchImage, canFetch }) => {
  for (const id of ["file", "camera", "folder"]) {
    const input = document.getElementById(id);
    const chosen = () => {
      const files = [...input.files];
      // Choosing the same file again is a change, too.
      input.value = "";
      take(id === "folder" ? files.filter(isPicture) : files);
    };
    input.addEventListener("change", chosen);
    // Chosen before this script was loaded.
    if (input.files.length > 0) chosen();
  }

  addEventListener("paste", (event) => {
    if (isField(event)) return;
    const address = event.clipboardData.getData("text/plain").trim();
    if (event.clipboardData.files.length > 0) take([...event.clipboardData.files]);
    else if (canFetch && web.test(address)) fetchImage(address);
  });

  let depth = 0;
  let isOurs = false;
  const drag = (change) => {
    depth = Math.max(0, depth + change);
    document.documentElement.classList.toggle("dragging", depth > 0);
  };
  // The page's own pictures are not dropped on it.
  addEventListener("dragstart", () => { isOurs = true; });
  addEventListener("dragend", () => { isOurs = false; });
  const isTaken = (event) => !isOurs && carries(event);
  addEventListener("dragenter", (event) => { if (isTaken(event)) drag(1); });
  addEventListener("dragleave", (event) => { if (isTaken(event)) drag(-1); });
  addEventListener("dragover", (event) => {
    if (!isTaken(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!isTaken(event)) return;
    event.preventDefault();
    drag(-depth);
    const address = addressOf(event.dataTransfer);
    const files = await dropped(event.dataTransfer);
    if (files.length > 0) take(files);
    else fetchImage(address);
  });
};
