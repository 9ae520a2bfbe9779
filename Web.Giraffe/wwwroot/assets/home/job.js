// A picture's way from the choice to the answer: prepared, sent, and sent again where that may help.

import { announce } from "../announce.js";
import { Card } from "./card/card.js";
import { sizeOf } from "../language.js";
import { mediaType, prepared } from "./pictures/pictures.js";
import { keep } from "./storage/session.js";
import { Unreachable, online, pause, send } from "./upload.js";
import { isFinal, passes, refused, words } from "./words.js";

const attempts = 4;

const isReadable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

export class Job {
  found = null;
  made = null;
  problem = null;
  told = null;
  #stop = new AbortController();
  #isForeign = false;
  #type = "";
  #sent = null;

  // The two sides of a comparison have the same `source.pair`. `page`: the server's `limit` in bytes and as a text, the media
  // types that are `taken`, the `turns`, the `history`, and what to call when something changed or an answer came.
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

  stop() { this.#stop.abort(); }

  begin() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.found = this.told = this.problem = null;
    this.card.wait();
    this.page.changed();
    this.#keep();
    this.#run(signal)
      .catch(async (error) => {
        if (signal.aborted) {
          this.card.cancelled();
          this.problem = words.cancelled;
          return this.#keep();
        }
        // To a browser a file that is gone may be the same as a server that is.
        if (!(await isReadable(this.picture))) return this.#fail(words.unreadable, true);
        if (error instanceof Unreachable) return this.#fail(words.unreachable);
        this.found = this.told = null;
        this.#fail(words.unshown);
        throw error;
      })
      .finally(() => this.page.changed());
  }

  // `isFinal`: another attempt with the same file would fail, too.
  #fail(problem, isFinal = false) {
    this.problem = { ...problem, isFinal };
    this.card.failed(this.problem);
    announce(this.card.name + ": " + problem.title);
    this.#keep();
  }

  // What is sent: the file itself, wherever the server takes it.
  async #prepare(signal, isRefused) {
    const { picture, page } = this;
    const type = await mediaType(picture);
    // What the server does not decode, but this browser can draw.
    this.#isForeign = isRefused || !page.taken.includes(type);
    const needsCopy = this.#isForeign || picture.size > page.limit;
    const made = await prepared(picture, needsCopy ? page.limit : null, signal).catch(() => null);
    signal.throwIfAborted();
    if (made) {
      this.made = made;
      this.card.picture(made);
    }
    if (made?.copy && needsCopy) {
      const { size } = made.copy.blob;
      this.card.note(this.#isForeign ? words.converted(sizeOf(size)) : words.shrunk(sizeOf(picture.size), sizeOf(size)));
      this.#sent = { width: made.copy.width, height: made.copy.height };
      return made.copy.blob;
    }
    this.#isForeign = false;
    this.#sent = made && { width: made.width, height: made.height };
    return picture.size <= page.limit ? picture : null;
  }

  async #run(signal) {
    const { picture, page } = this;
    if (picture.size === 0) return this.#fail(words.empty, true);
    let sent = await this.#prepare(signal, false);
    if (!sent) return this.#fail(words.tooLarge(page.limitText, this.made !== null), true);
    const leave = await page.turns.take(signal);
    try {
      let wasConverted = sent !== picture;
      for (let attempt = 1; ; attempt++) {
        if (!navigator.onLine) {
          this.card.paused(words.offline, words.waitingForNetwork);
          await online(signal);
        }
        this.card.uploading(0);
        const reply = await send(sent, this.source.model, signal, (share) => this.card.uploading(share));
        if (reply.status === 200 && reply.said) return this.#answered(reply.said);
        // The server refused what this browser shows: it may take a copy.
        if ([415, 422].includes(reply.status) && this.made && !wasConverted) {
          wasConverted = true;
          sent = await this.#prepare(signal, true);
          if (sent) continue;
        }
        if (!passes(reply.status) || reply.after === null || attempt === attempts)
          return this.#fail(await this.#problem(reply), isFinal(reply.status));
        await this.#patience(reply, signal);
      }
    } finally {
      leave();
    }
  }

  async #problem(reply) {
    return reply.status === 415 && (await mediaType(this.picture)) === "image/heic" ? words.heic : refused(reply);
  }

  // Not all of them in the same moment.
  async #patience(reply, signal) {
    const until = Date.now() + 1000 * Math.min(60, reply.after) + 500 * Math.random();
    while (Date.now() < until) {
      this.card.paused(refused(reply), words.retrying(Math.ceil((until - Date.now()) / 1000)));
      await pause(Math.min(1000, until - Date.now()), signal);
    }
  }

  #answered(said) {
    this.found = { name: this.card.name, time: Date.now(), ...said };
    const key = this.page.history.add(this.found, this.made?.tiny);
    this.#show(key);
    announce(this.card.name + ": " + this.told.text);
    this.#keep();
    this.page.answered(this);
  }

  #show(key) {
    const type = this.#isForeign ? null : this.#type || "application/octet-stream";
    this.told = this.card.answered(this.found, {
      type,
      size: this.#sent,
      judge: async (verdict, right) => {
        this.found.key = await key;
        this.page.history.judge(this.found.key, verdict, right, verdict ? this.#forTraining() : null);
        this.#keep();
      },
    });
  }

  // The file itself where it is small, else the card's copy, which has more pixels than networks take.
  #forTraining() {
    const { picture, made } = this;
    return picture && picture.size < 2e6 && !this.#isForeign ? picture : made?.card ?? null;
  }

  #keep() {
    if (!this.root.isConnected) return;
    const { order, source, side, picture, made, found, problem } = this;
    keep({
      order, source, side, picture: picture ?? { size: source.size, type: this.#type }, isForeign: this.#isForeign,
      made, found, sent: this.#sent, problem,
    });
  }

  keepAgain() { if (!this.isRunning) this.#keep(); }

  // Shows what `session.js` kept, or goes on where the page was left.
  resume({ drawn, sent, found, problem, type, isForeign }) {
    this.#sent = sent;
    this.#type = type;
    this.#isForeign = isForeign;
    if (drawn) {
      this.made = drawn;
      this.card.picture(drawn);
    }
    if (found) {
      this.found = found;
      this.#show(Promise.resolve(found.key ?? null));
    } else if (problem) {
      this.problem = problem;
      this.card.failed(problem);
    } else if (this.picture) return this.begin();
    else this.#fail(words.unreadable, true);
    this.card.find(".again").hidden = !this.canRetry;
    this.card.find(".adjust").hidden = !drawn;
  }
}
