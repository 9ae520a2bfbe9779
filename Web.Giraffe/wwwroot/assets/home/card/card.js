// One picture on the page: what is shown of it, and of its answer.

import { calm, copyOf } from "../../common.js";
import { sizeOf } from "../../language.js";
import { fillDetails } from "./details.js";
import { Explanation } from "./explain.js";
import { inputOf, square } from "./heat.js";
import { exactly, inTable, sentence } from "./sentence.js";
import { askVerdict } from "./verdict.js";
import { words } from "../words.js";

export class Card {
  #root = copyOf("card");
  #made = null;
  #addresses = {};
  #explanation = null;

  // `source`: the name; a sample's `address`; whether programs need a key; the `model` asked for, "" for the default
  // one; what is known of the `models`; `side`, left or right, where two models are compared.
  constructor(source, bytes) {
    this.source = source;
    const { name: file, side } = source;
    const by = side && this.titleOf(source.model || source.standard);
    const name = side ? file + ", " + by : file;
    this.name = name;
    if (side) {
      this.#root.classList.add(side);
      this.find(".by").textContent = by;
      this.find(".by").hidden = false;
    }
    this.find(".name").textContent = file;
    this.find(".size").textContent = sizeOf(bytes);
    this.find(".remove").setAttribute("aria-label", words.remove(name));
    this.find(".cancel").setAttribute("aria-label", words.cancel(name));
    this.find(".again").setAttribute("aria-label", words.again(name));
    this.find(".adjust").setAttribute("aria-label", words.adjust(name));
    this.find(".open").setAttribute("aria-label", words.open(name));
    this.find(".thumb").alt = words.yours(name);
    this.find(".open").addEventListener("click", () => this.open());
  }

  titleOf(model) { return this.source.models[model]?.title ?? model; }

  get root() { return this.#root; }
  get state() { return this.#root.dataset.state; }

  find(selector) { return this.#root.querySelector(selector); }

  on(selector, act) { this.find(selector).addEventListener("click", act); }

  #enter(state, isFinal = false) {
    const focused = document.activeElement;
    this.#root.dataset.state = state;
    this.find(".working").hidden = state !== "waiting" && state !== "busy" && state !== "paused";
    this.find(".failure").hidden = state !== "failed" && state !== "paused" && state !== "cancelled";
    this.find(".again").hidden = state === "paused" || isFinal;
    this.#root.setAttribute("aria-busy", String(state === "busy"));
    // A button that its own effect hides passes the focus on.
    if (this.#root.contains(focused) && focused.closest("[hidden]"))
      [...this.#root.querySelectorAll(".cancel, .again, .remove")].find((button) => !button.closest("[hidden]"))?.focus();
  }

  #explainFailure({ title, detail }) {
    this.find(".failure strong").textContent = title;
    this.find(".failure p").textContent = detail;
  }

  // A null share is unknown.
  #progress(share, doing) {
    const bar = this.find("progress");
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
    this.find(".doing").textContent = doing;
  }

  // The copies of the picture that `prepare` made.
  picture(made) {
    this.#made = made;
    this.#root.style.setProperty("--ratio", (made.width / made.height).toFixed(4));
    this.#root.classList.add("drawn");
    this.find(".adjust").hidden = false;
    this.#markPart(made);
    this.#draw();
  }

  // The part of the picture that the model sees.
  #markPart({ width, height }) {
    const model = this.source.models[this.source.model || this.source.standard];
    for (const [side, share] of Object.entries(square(width, height, inputOf(model))))
      this.find(".input-part").style.setProperty(side, (share * 100).toFixed(3) + "%");
  }

  // The small copy in a gallery, the larger one on a card that is read.
  #draw() {
    if (!this.#made) return;
    const isSmall = this.#root.classList.contains("tile") && !this.#root.classList.contains("opened");
    const which = isSmall ? "thumb" : "card";
    this.#addresses[which] ??= URL.createObjectURL(this.#made[which]);
    const image = this.find(".thumb");
    if (image.src !== this.#addresses[which]) image.src = this.#addresses[which];
  }

  tile(isTile) {
    if (this.#root.classList.toggle("tile", isTile) !== isTile) return;
    this.#draw();
  }

  open(isOpen = !this.#root.classList.contains("opened")) {
    this.#root.classList.toggle("opened", isOpen);
    this.find(".open").setAttribute("aria-expanded", String(isOpen));
    this.#draw();
    if (isOpen) this.#root.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }

  // Gives the pictures' memory back.
  release() {
    for (const address of Object.values(this.#addresses)) URL.revokeObjectURL(address);
    this.#addresses = {};
  }

  // Shows the picture again after `release`.
  revive() { this.#draw(); }

  note(text) {
    this.find(".note").textContent = text;
    this.find(".note").hidden = text === "";
  }

  wait() {
    this.note("");
    this.find(".found").replaceChildren();
    this.#explanation?.show(null);
    this.#explanation = null;
    this.#progress(0, words.waiting);
    this.#enter("waiting");
  }

  uploading(share) {
    this.#progress(share, share === null ? words.analysing : words.uploading(share));
    this.#enter("busy");
  }

  paused(problem, doing) {
    this.#explainFailure(problem);
    this.#progress(null, doing);
    this.#enter("paused");
  }

  failed(problem) {
    this.#explainFailure(problem);
    this.#enter("failed", problem.isFinal);
  }

  cancelled() {
    this.#explainFailure(words.cancelled);
    this.#enter("cancelled");
  }

  // `type` is null where the file itself is none that the server takes; `size` is the sent picture's, or null where it
  // was not drawn; `judge` keeps what the user says of the answer. Returns the sentence.
  answered(found, { type, size, judge }) {
    const card = copyOf("answer");
    const find = (selector) => card.querySelector(selector);
    const told = sentence(found);
    this.#root.dataset.level = told.level;
    const sure = told.isPerhaps ? "" : told.sure;
    find(".head").textContent = told.head + (sure && " ");
    find(".sure").textContent = sure;
    find(".tail").textContent = told.tail + (told.isPerhaps && told.sure ? " (" + told.sure + ")" : "");
    find(".best").setAttribute("aria-label", told.text);
    find(".crumbs").hidden = told.path.length < 2;
    find(".crumbs").textContent = told.path.join(" › ");
    find(".independent").hidden = !found.independent;
    const rows = this.#rows(find("tbody"), found);
    this.#explanation = new Explanation({
      picture: this.find(".picture"),
      place: find(".why"),
      rows,
      found,
      size,
      model: this.source.models[found.model],
    });
    find(".map").hidden = !this.#explanation.isThere;
    find(".map").addEventListener("click", () => this.#explanation.download(this.source.name, this.#made.card));
    const [first] = found.predictions;
    const isClass = first !== undefined && (told.name === first.label || told.isProbable);
    askVerdict(find(".verdict"), { found, named: isClass ? first.label : told.name, isClass, keep: judge });
    fillDetails(find(".details"), { found, source: this.source, type, modelTitle: this.titleOf(found.model) });
    this.find(".found").replaceChildren(card);
    this.#enter("answered");
    this.#grow(rows);
    return told;
  }

  #rows(place, found) {
    const blank = place.firstElementChild;
    const rows = found.predictions.map((prediction) => {
      const row = blank.cloneNode(true);
      row.querySelector("th").textContent = prediction.label;
      row.querySelector(".share").textContent = inTable(prediction.probability);
      place.append(row);
      return [row, prediction];
    });
    blank.remove();
    return rows;
  }

  // The bars grow from nothing to their length, once the first paint has shown them at nothing.
  #grow(rows) {
    const grow = () => {
      for (const [row, prediction] of rows) row.querySelector(".fill").setAttribute("width", exactly(prediction.probability));
    };
    if (calm.matches) grow();
    else requestAnimationFrame(() => requestAnimationFrame(grow));
  }

  // Shows for a moment where the model looked.
  flash() { this.#explanation?.flash(); }
}
