"use strict";

// What a form can't do: drop, paste, a preview, the upload's progress, and the answer without leaving the page.
// Without this script the page does the same with its forms.
document.documentElement.classList.add("js");

addEventListener("DOMContentLoaded", () => {
  const stage = document.getElementById("stage");
  if (!stage) return;

  const form = document.getElementById("upload");
  const file = document.getElementById("file");
  const samples = document.getElementById("samples");
  const result = document.getElementById("result");
  const progress = document.getElementById("progress");
  const template = document.getElementById("answer");
  const preview = form.querySelector(".preview");
  const image = preview.querySelector("img");
  const pick = form.querySelector(".pick");
  const choose = form.querySelector(".choose");
  const working = form.querySelector(".working");
  const doing = form.querySelector(".doing");
  const cancel = form.querySelector(".cancel");
  const formats = document.getElementById("formats").textContent;
  const limit = Number(form.dataset.max);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  let request = null;
  let blobAddress = null;

  const percent = (share) => (share * 100).toFixed(3) + "%";

  const nameButton = () => { choose.textContent = preview.hidden ? "Choose a picture" : "Choose another picture"; };

  const enter = (state) => {
    const busy = state === "busy";
    stage.dataset.state = state;
    form.setAttribute("aria-busy", String(busy));
    working.hidden = !busy;
    pick.hidden = busy;
    nameButton();
  };

  const showPicture = (source, name) => {
    if (blobAddress) URL.revokeObjectURL(blobAddress);
    blobAddress = source instanceof Blob ? URL.createObjectURL(source) : null;
    preview.hidden = false;
    image.alt = name ? "Your picture, " + name : "Your picture";
    image.src = blobAddress ?? source;
  };

  // What a browser can't draw is shown by its name only; whether it is a picture, the server says.
  image.addEventListener("error", () => {
    preview.hidden = true;
    nameButton();
  });

  const reveal = () => {
    if (result.getBoundingClientRect().bottom > innerHeight)
      result.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  };

  const fail = (title, detail) => {
    const notice = document.createElement("div");
    notice.className = "notice bad";
    const heading = document.createElement("strong");
    heading.textContent = title;
    const text = document.createElement("p");
    text.textContent = detail;
    notice.append(heading, text);
    result.replaceChildren(notice);
    document.title = title + " · Recognition";
    enter("failed");
    reveal();
  };

  const answer = (found) => {
    const card = template.content.cloneNode(true);
    const rows = card.querySelector("tbody");
    const blank = rows.firstElementChild;
    const best = found.predictions.length > 0 ? found.predictions[0].label : "Nothing";
    card.querySelector(".best").textContent = best;
    card.querySelector(".worker").textContent = found.worker;
    card.querySelector(".time").textContent = Math.max(1, found.milliseconds).toFixed(0) + " ms";
    card.querySelector(".model").textContent = found.model;

    const fills = found.predictions.map(({ label, probability }) => {
      const row = blank.cloneNode(true);
      row.querySelector("th").textContent = label;
      row.querySelector(".share").textContent = percent(probability);
      rows.append(row);
      return [row.querySelector(".fill"), percent(probability)];
    });

    blank.remove();
    result.replaceChildren(card);
    document.title = best + " · Recognition";
    enter("answered");
    // From nothing to their length, once the first paint has shown them at nothing.
    requestAnimationFrame(() => requestAnimationFrame(() => fills.forEach(([fill, width]) => fill.setAttribute("width", width))));
    reveal();
  };

  // The answer's own shape, empty, where the answer will be.
  const ghost = () => {
    const card = template.content.firstElementChild.cloneNode(true);
    const rows = card.querySelector("tbody");
    rows.querySelector("th").textContent = "\u00a0";
    for (let more = 0; more < 4; more++) rows.append(rows.firstElementChild.cloneNode(true));
    card.querySelector(".best").textContent = "\u00a0";
    card.classList.add("ghost");
    card.setAttribute("aria-hidden", "true");
    return card;
  };

  const send = (picture, name) => {
    const earlier = request;
    request = null;
    earlier?.abort();
    result.replaceChildren();
    showPicture(picture, name);
    if (picture.size === 0) return fail("Empty file", "The file is empty. Choose another one.");
    if (picture.size > limit) return fail("The file is too large", formats + ". Make it smaller, then try again.");

    const xhr = new XMLHttpRequest();
    request = xhr;
    progress.value = 0;
    doing.textContent = "Uploading";
    result.replaceChildren(ghost());
    enter("busy");

    xhr.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      progress.value = event.loaded / event.total;
      doing.textContent = "Uploading, " + Math.floor((100 * event.loaded) / event.total) + "%";
    };

    xhr.upload.onload = () => {
      progress.removeAttribute("value");
      doing.textContent = "Looking at it";
    };

    xhr.onload = () => {
      const said = xhr.response;
      if (xhr.status === 200 && said) answer(said);
      else fail(said?.title ?? "It did not work", said?.detail ?? "The server answered with " + xhr.status + ". Try again.");
    };

    xhr.onerror = () => fail("No connection", "The server can't be reached, or it closed the connection. Try again.");
    xhr.onabort = () => {
      if (request !== xhr) return;
      result.replaceChildren();
      preview.hidden = true;
      enter("idle");
    };
    xhr.onloadend = () => { if (request === xhr) request = null; };
    xhr.responseType = "json";
    xhr.open("POST", "/api/classify");
    xhr.setRequestHeader("Content-Type", picture.type || "application/octet-stream");
    xhr.send(picture);
  };

  const sendFirst = (files) => { if (files.length > 0) send(files[0], files[0].name); };

  cancel.addEventListener("click", () => {
    request?.abort();
    choose.scrollIntoView({ block: "nearest" });
    file.focus();
  });

  // Choosing the same file again is a change, too.
  file.addEventListener("click", () => { file.value = ""; });
  file.addEventListener("change", () => sendFirst(file.files));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file.files.length > 0) sendFirst(file.files);
    else fail("No picture chosen", "Choose a picture first.");
  });

  samples?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    try {
      const response = await fetch("/samples/" + encodeURIComponent(button.value));
      if (!response.ok) throw new Error(String(response.status));
      stage.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
      send(await response.blob(), button.textContent.trim());
    } catch {
      fail("No connection", "The sample can't be fetched. Try again.");
    }
  });

  addEventListener("paste", (event) => sendFirst(event.clipboardData.files));

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  const drag = (change) => {
    depth = Math.max(0, depth + change);
    document.documentElement.classList.toggle("dragging", depth > 0);
  };

  addEventListener("dragenter", (event) => { if (carriesFiles(event)) drag(1); });
  addEventListener("dragleave", (event) => { if (carriesFiles(event)) drag(-1); });
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    drag(-depth);
    sendFirst(event.dataTransfer.files);
  });

  nameButton();
});
