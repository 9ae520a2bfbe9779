// Accepts files, dropped and pasted pictures.

const isPicture = ({ name, type }) => type.startsWith("image/") || /\.(heic|heif|avif|tiff?|bmp|ico|jfif)$/i.test(name);

const filesOf = (entry) => new Promise((resolve) => {
  if (entry.isFile) entry.file((file) => resolve([file]), () => resolve([]));
  else {
    const reader = entry.createReader();
    const children = [];
    // `readEntries` returns at most 100 entries per call.
    const readBatch = () => reader.readEntries(async (entries) => {
      if (entries.length === 0) {
        const nested = [];
        for (const child of children) nested.push(...await filesOf(child));
        resolve(nested);
      } else {
        children.push(...entries);
        readBatch();
      }
    }, () => resolve([]));
    readBatch();
  }
});

// Takes only the pictures of a folder.
const droppedFiles = async (data) => {
  const entries = [...data.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files];
  const files = [];
  for (const entry of entries) {
    if (!entry) continue;
    const entryFiles = await filesOf(entry);
    files.push(...(entry.isDirectory ? entryFiles.filter(isPicture) : entryFiles));
  }
  return files;
};

// Returns the address of a dragged image.
const imageUrlOf = (data) => {
  const html = data.getData("text/html");
  const image = html && new DOMParser().parseFromString(html, "text/html").querySelector("img")?.src;
  return image || data.getData("text/uri-list").split(/\r?\n/).find((line) => line && !line.startsWith("#")) || null;
};

const isTextField = (event) => event.target.closest?.("input:not([type=file]), textarea");

// A text field accepts an address as a text.
const carriesPicture = (event) => {
  const types = event.dataTransfer?.types ?? [];
  return types.includes("Files") || types.includes("text/uri-list") && !isTextField(event);
};

const webUrl = /^https?:\/\/\S+$/i;

// Calls `fetchImage` with the address of an image. `canFetch` allows pasted addresses.
export const registerInputs = ({ addFiles, fetchImage, canFetch }) => {
  for (const id of ["file", "camera", "folder"]) {
    const input = document.getElementById(id);
    const onChange = () => {
      const files = [...input.files];
      // Choosing the same file again must raise an event, too.
      input.value = "";
      addFiles(id === "folder" ? files.filter(isPicture) : files);
    };
    input.addEventListener("change", onChange);
    // Files may have been chosen before the script was loaded.
    if (input.files.length > 0) onChange();
  }

  addEventListener("paste", (event) => {
    if (isTextField(event)) return;
    const url = event.clipboardData.getData("text/plain").trim();
    if (event.clipboardData.files.length > 0) addFiles([...event.clipboardData.files]);
    else if (canFetch && webUrl.test(url)) fetchImage(url);
  });

  // Child elements raise nested events.
  let depth = 0;
  let isOwnDrag = false;
  const changeDepth = (change) => {
    depth = Math.max(0, depth + change);
    document.documentElement.classList.toggle("dragging", depth > 0);
  };
  // Ignores the page's own pictures.
  addEventListener("dragstart", () => { isOwnDrag = true; });
  addEventListener("dragend", () => { isOwnDrag = false; });
  const isAccepted = (event) => !isOwnDrag && carriesPicture(event);
  addEventListener("dragenter", (event) => { if (isAccepted(event)) changeDepth(1); });
  addEventListener("dragleave", (event) => { if (isAccepted(event)) changeDepth(-1); });
  addEventListener("dragover", (event) => {
    if (!isAccepted(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!isAccepted(event)) return;
    event.preventDefault();
    changeDepth(-depth);
    const url = imageUrlOf(event.dataTransfer);
    const files = await droppedFiles(event.dataTransfer);
    if (files.length > 0) addFiles(files);
    else fetchImage(url);
  });
};
