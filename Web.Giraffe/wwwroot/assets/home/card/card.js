// Shows a picture, its progress and its result.

import { cloneTemplate, reducedMotion } from "../../common.js";
import { formatSize } from "../../language.js";
import { fillDetails } from "./details.js";
import { Explanation } from "./explain.js";
import { inputRegion, inputSpec } from "./heatmap.js";
import { exactPercent, sentence, tablePercent } from "./sentence.js";
import { initVerdict } from "./verdict.js";
import { messages } from "../messages.js";

export class Card {
  #root = cloneTemplate("card");
  #renditions = null;
  #urls = {};
  #explanation = null;

  // `source` has the name, a sample's `address`, `keyed` if an API key is required, the `models`, the requested
  // `model` ("" for the default), and the `side` of a comparison.
  constructor(source, bytes) {
    this.source = source;
    const { name: file, side } = source;
    const modelTitle = side && this.titleOf(source.model || source.defaultModel);
    const name = side ? file + ", " + modelTitle : file;
    this.name = name;
    if (side) {
      this.#root.classList.add(side);
      this.find(".by").textContent = modelTitle;
      this.find(".by").hidden = false;
    }
    this.find(".name").textContent = file;
    this.find(".size").textContent = formatSize(bytes);
    this.find(".remove").setAttribute("aria-label", messages.remove(name));
    this.find(".cancel").setAttribute("aria-label", messages.cancel(name));
    this.find(".again").setAttribute("aria-label", messages.retry(name));
    this.find(".adjust").setAttribute("aria-label", messages.adjust(name));
    this.find(".open").setAttribute("aria-label", messages.open(name));
    this.find(".thumb").alt = messages.pictureAlt(name);
    this.find(".open").addEventListener("click", () => this.setOpened());
  }

  titleOf(model) { return this.source.models[model]?.title ?? model; }

  get root() { return this.#root; }
  get state() { return this.#root.dataset.state; }

  find(selector) { return this.#root.querySelector(selector); }

  on(selector, handler) { this.find(selector).addEventListener("click", handler); }

  #setState(state, isFinal = false) {
    const focused = document.activeElement;
    this.#root.dataset.state = state;
    this.find(".working").hidden = state !== "waiting" && state !== "busy" && state !== "paused";
    this.find(".failure").hidden = state !== "failed" && state !== "paused" && state !== "cancelled";
    this.find(".again").hidden = state === "paused" || isFinal;
    this.#root.setAttribute("aria-busy", String(state === "busy"));
    // A hidden button would lose the focus.
    if (this.#root.contains(focused) && focused.closest("[hidden]"))
      [...this.#root.querySelectorAll(".cancel, .again, .remove")].find((button) => !button.closest("[hidden]"))?.focus();
  }

  #showProblem({ title, detail }) {
    this.find(".failure strong").textContent = title;
    this.find(".failure p").textContent = detail;
  }

  // A null fraction shows an indeterminate bar.
  #showProgress(fraction, status) {
    const bar = this.find("progress");
    if (fraction === null) bar.removeAttribute("value");
    else bar.value = fraction;
    this.find(".doing").textContent = status;
  }

  showPicture(renditions) {
    this.#renditions = renditions;
    this.#root.style.setProperty("--ratio", (renditions.width / renditions.height).toFixed(4));
    this.#root.classList.add("drawn");
    this.find(".adjust").hidden = false;
    this.#markInput(renditions);
    this.#updateImage();
  }

  #markInput({ width, height }) {
    const model = this.source.models[this.source.model || this.source.defaultModel];
    for (const [side, fraction] of Object.entries(inputRegion(width, height, inputSpec(model))))
      this.find(".input-part").style.setProperty(side, (fraction * 100).toFixed(3) + "%");
  }

  #updateImage() {
    if (!this.#renditions) return;
    const isSmall = this.#root.classList.contains("tile") && !this.#root.classList.contains("opened");
    const rendition = isSmall ? "thumb" : "card";
    this.#urls[rendition] ??= URL.createObjectURL(this.#renditions[rendition]);
    const image = this.find(".thumb");
    if (image.src !== this.#urls[rendition]) image.src = this.#urls[rendition];
  }

  setTile(isTile) {
    if (this.#root.classList.toggle("tile", isTile) !== isTile) return;
    this.#updateImage();
  }

  setOpened(isOpen = !this.#root.classList.contains("opened")) {
    this.#root.classList.toggle("opened", isOpen);
    this.find(".open").setAttribute("aria-expanded", String(isOpen));
    this.#updateImage();
    if (isOpen) this.#root.scrollIntoView({ block: "nearest", behavior: reducedMotion.matches ? "auto" : "smooth" });
  }

  revokeUrls() {
    for (const url of Object.values(this.#urls)) URL.revokeObjectURL(url);
    this.#urls = {};
  }

  restoreImage() { this.#updateImage(); }

  showNote(text) {
    this.find(".note").textContent = text;
    this.find(".note").hidden = text === "";
  }

  showWaiting() {
    this.showNote("");
    this.find(".found").replaceChildren();
    this.#explanation?.show(null);
    this.#explanation = null;
    this.#showProgress(0, messages.waiting);
    this.#setState("waiting");
  }

  showUploading(fraction) {
    this.#showProgress(fraction, fraction === null ? messages.analysing : messages.uploading(fraction));
    this.#setState("busy");
  }

  showPaused(problem, status) {
    this.#showProblem(problem);
    this.#showProgress(null, status);
    this.#setState("paused");
  }

  showFailure(problem) {
    this.#showProblem(problem);
    this.#setState("failed", problem.isFinal);
  }

  showCancelled() {
    this.#showProblem(messages.cancelled);
    this.#setState("cancelled");
  }

  // Returns the summary. `type` is null if the server can't decode the file, `size` if the browser can't.
  showResult(result, { type, size, onVerdict }) {
    const card = cloneTemplate("answer");
    const find = (selector) => card.querySelector(selector);
    const summary = sentence(result);
    this.#root.dataset.level = summary.level;
    const confidence = summary.isUnsure ? "" : summary.confidence;
    find(".head").textContent = summary.head + (confidence && " ");
    find(".sure").textContent = confidence;
    find(".tail").textContent = summary.tail + (summary.isUnsure && summary.confidence ? " (" + summary.confidence + ")" : "");
    find(".best").setAttribute("aria-label", summary.text);
    find(".breadcrumbs").hidden = summary.path.length < 2;
    find(".breadcrumbs").textContent = summary.path.join(" › ");
    find(".independent").hidden = !result.independent;
    const rows = this.#createRows(find("tbody"), result);
    this.#explanation = new Explanation({
      picture: this.find(".picture"),
      panel: find(".why"),
      rows,
      result,
      size,
      model: this.source.models[result.model],
    });
    find(".map").hidden = !this.#explanation.isAvailable;
    find(".map").addEventListener("click", () => this.#explanation.download(this.source.name, this.#renditions.card));
    const [first] = result.predictions;
    const isClass = first !== undefined && (summary.name === first.label || summary.isProbable);
    initVerdict(find(".verdict"), { result, answerName: isClass ? first.label : summary.name, isClass, onVerdict });
    fillDetails(find(".details"), { result, source: this.source, type, modelTitle: this.titleOf(result.model) });
    this.find(".found").replaceChildren(card);
    this.#setState("answered");
    this.#animateBars(rows);
    return summary;
  }

  #createRows(body, result) {
    const template = body.firstElementChild;
    const rows = result.predictions.map((prediction) => {
      const row = template.cloneNode(true);
      row.querySelector("th").textContent = prediction.label;
      row.querySelector(".share").textContent = tablePercent(prediction.probability);
      body.append(row);
      return [row, prediction];
    });
    template.remove();
    return rows;
  }

  // The first frame paints the bars with zero width.
  #animateBars(rows) {
    const grow = () => {
      for (const [row, prediction] of rows) row.querySelector(".fill").setAttribute("width", exactPercent(prediction.probability));
    };
    if (reducedMotion.matches) grow();
    else requestAnimationFrame(() => requestAnimationFrame(grow));
  }

  flash() { this.#explanation?.flash(); }
}
