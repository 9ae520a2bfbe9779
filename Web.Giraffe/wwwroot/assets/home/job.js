// Classifies one picture: prepares, uploads and retries.

import { announce } from "../announce.js";
import { Card } from "./card/card.js";
import { formatSize } from "../language.js";
import { createRenditions, detectMediaType } from "./pictures/pictures.js";
import { saveCard } from "./storage/session.js";
import { Unreachable, delay, send, whenOnline } from "./upload.js";
import { errorOf, isPermanent, isTransient, messages } from "./messages.js";

const maxAttempts = 4;

const isReadable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

export class Job {
  result = null;
  renditions = null;
  problem = null;
  summary = null;
  #controller = new AbortController();
  #isConverted = false;
  #type = "";
  #uploadedSize = null;

  // The sides of a comparison share `source.pair`. `page` provides limits, slots, the history and callbacks.
  constructor(order, source, picture, side, page) {
    this.order = order;
    this.source = { ...source, ...side };
    this.side = side;
    this.picture = picture;
    this.#type = picture?.type ?? "";
    this.page = page;
    this.card = new Card({ ...page.card, ...this.source }, picture?.size ?? source.size);
    this.card.on(".cancel", () => this.stop());
    this.card.on(".again", () => this.begin());
  }

  get root() { return this.card.root; }
  get state() { return this.card.state; }
  get canRetry() { return ["failed", "cancelled"].includes(this.state) && this.picture && !this.problem?.isFinal; }
  get isRunning() { return ["waiting", "busy", "paused"].includes(this.state); }

  stop() { this.#controller.abort(); }

  begin() {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.result = this.summary = this.problem = null;
    this.card.showWaiting();
    this.page.changed();
    this.#save();
    this.#run(signal)
      .catch(async (error) => {
        if (signal.aborted) {
          this.card.showCancelled();
          this.problem = messages.cancelled;
          return this.#save();
        }
        // Browsers report a missing file as a network error.
        if (!(await isReadable(this.picture))) return this.#fail(messages.unreadable, true);
        if (error instanceof Unreachable) return this.#fail(messages.unreachable);
        this.result = this.summary = null;
        this.#fail(messages.cannotShow);
        throw error;
      })
      .finally(() => this.page.changed());
  }

  // `isFinal` means that the same file would fail again.
  #fail(problem, isFinal = false) {
    this.problem = { ...problem, isFinal };
    this.card.showFailure(this.problem);
    announce(this.card.name + ": " + problem.title);
    this.#save();
  }

  // Returns the file, or a JPEG copy if the server can't accept it, or null.
  async #prepare(signal, isRejected) {
    const { picture, page } = this;
    const type = await detectMediaType(picture);
    // Only the browser can decode the file.
    this.#isConverted = isRejected || !page.acceptedTypes.includes(type);
    const needsCopy = this.#isConverted || picture.size > page.limit;
    const renditions = await createRenditions(picture, needsCopy ? page.limit : null, signal).catch(() => null);
    signal.throwIfAborted();
    if (renditions) {
      this.renditions = renditions;
      this.card.showPicture(renditions);
    }
    if (renditions?.copy && needsCopy) {
      const { size } = renditions.copy.blob;
      this.card.showNote(this.#isConverted ? messages.converted(formatSize(size)) : messages.shrunk(formatSize(picture.size), formatSize(size)));
      this.#uploadedSize = { width: renditions.copy.width, height: renditions.copy.height };
      return renditions.copy.blob;
    }
    this.#isConverted = false;
    this.#uploadedSize = renditions && { width: renditions.width, height: renditions.height };
    return picture.size <= page.limit ? picture : null;
  }

  async #run(signal) {
    const { picture, page } = this;
    if (picture.size === 0) return this.#fail(messages.empty, true);
    let upload = await this.#prepare(signal, false);
    if (!upload) return this.#fail(messages.tooLarge(page.limitText, this.renditions !== null), true);
    const release = await page.uploadSlots.acquire(signal);
    try {
      let wasConverted = upload !== picture;
      for (let attempt = 1; ; attempt++) {
        if (!navigator.onLine) {
          this.card.showPaused(messages.offline, messages.waitingForNetwork);
          await whenOnline(signal);
        }
        this.card.showUploading(0);
        const response = await send(upload, this.source.model, signal, (fraction) => this.card.showUploading(fraction));
        if (response.status === 200 && response.body) return this.#complete(response.body);
        if ([415, 422].includes(response.status) && this.renditions && !wasConverted) {
          wasConverted = true;
          upload = await this.#prepare(signal, true);
          if (upload) continue;
        }
        if (!isTransient(response.status) || response.retryAfterSeconds === null || attempt === maxAttempts)
          return this.#fail(await this.#errorFor(response), isPermanent(response.status));
        await this.#waitToRetry(response, signal);
      }
    } finally {
      release();
    }
  }

  async #errorFor(response) {
    return response.status === 415 && (await detectMediaType(this.picture)) === "image/heic" ? messages.heic : errorOf(response);
  }

  // Waits at most a minute. Jitter spreads the retries of many pictures.
  async #waitToRetry(response, signal) {
    const until = Date.now() + 1000 * Math.min(60, response.retryAfterSeconds) + 500 * Math.random();
    while (Date.now() < until) {
      this.card.showPaused(errorOf(response), messages.retrying(Math.ceil((until - Date.now()) / 1000)));
      await delay(Math.min(1000, until - Date.now()), signal);
    }
  }

  #complete(body) {
    this.result = { name: this.card.name, time: Date.now(), ...body };
    const key = this.page.history.add(this.result, this.renditions?.tiny);
    this.#show(key);
    announce(this.card.name + ": " + this.summary.text);
    this.#save();
    this.page.answered(this);
  }

  #show(key) {
    const type = this.#isConverted ? null : this.#type || "application/octet-stream";
    this.summary = this.card.showResult(this.result, {
      type,
      size: this.#uploadedSize,
      onVerdict: async (verdict, right) => {
        this.result.key = await key;
        this.page.history.setVerdict(this.result.key, verdict, right, verdict ? this.#trainingPicture() : null);
        this.#save();
      },
    });
  }

  // The card's copy has more pixels than the models use.
  #trainingPicture() {
    const { picture, renditions } = this;
    return picture && picture.size < 2e6 && !this.#isConverted ? picture : renditions?.card ?? null;
  }

  #save() {
    if (!this.root.isConnected) return;
    const { order, source, side, picture, renditions, result, problem } = this;
    saveCard({
      order, source, side, picture: picture ?? { size: source.size, type: this.#type }, isForeign: this.#isConverted,
      renditions, result, sent: this.#uploadedSize, problem,
    });
  }

  saveIfDone() { if (!this.isRunning) this.#save(); }

  // Restores a saved card; continues an unfinished one.
  resume({ drawn, sent, found, problem, type, isForeign }) {
    this.#uploadedSize = sent;
    this.#type = type;
    this.#isConverted = isForeign;
    if (drawn) {
      this.renditions = drawn;
      this.card.showPicture(drawn);
    }
    if (found) {
      this.result = found;
      this.#show(Promise.resolve(found.key ?? null));
    } else if (problem) {
      this.problem = problem;
      this.card.showFailure(problem);
    } else if (this.picture) return this.begin();
    else this.#fail(messages.unreadable, true);
    this.card.find(".again").hidden = !this.canRetry;
    this.card.find(".adjust").hidden = !drawn;
  }
}
