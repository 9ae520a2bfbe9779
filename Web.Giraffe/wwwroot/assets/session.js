// The cards of this tab, which a reload keeps.

import { recall } from "./common.js";
import { cardsOf, clearCards, dropCards, saveCard } from "./store.js";

// A tab keeps its name when it is reloaded. A copy of a tab begins with the cards of the other.
const tab = (() => {
  try {
    const kept = sessionStorage.getItem("tab") ?? String(Date.now()) + Math.random();
    sessionStorage.setItem("tab", kept);
    return kept;
  } catch {
    return null;
  }
})();

const isKept = () => tab !== null && recall("history") !== "no";

// Which cards there are is known at once; a page may be reloaded before its database has written them.
const orders = new Set((() => {
  try { return JSON.parse(sessionStorage.getItem("cards") ?? "[]"); } catch { return []; }
})());

// That of the newest card.
export const lastOrder = Math.max(0, ...orders);

const note = (change) => {
  change();
  try { sessionStorage.setItem("cards", JSON.stringify([...orders])); } catch { /* Nothing is kept then. */ }
};

let queue = Promise.resolve();

// In their order; a browser that keeps nothing has nothing after a reload.
const then = (act) => {
  queue = queue.then(act).catch(() => {});
  return queue;
};

// A card is kept once it has an answer or an error. The picture itself is, where it may have to be sent again.
export const keep = ({ order, source, side, picture, isForeign, made, found, sent, problem }) => {
  if (!isKept()) return;
  const { name, address, pair } = source;
  const size = picture.size;
  note(() => orders.add(order));
  const drawn = made && { width: made.width, height: made.height, card: made.card, thumb: made.thumb, tiny: made.tiny };
  then(() => saveCard({
    id: tab + "/" + order, tab, order, name, address, pair, side, size, type: picture.type, isForeign, drawn, sent, found, problem,
    picture: found ? null : picture,
  }));
};

export const drop = (gone) => {
  note(() => gone.forEach((order) => orders.delete(order)));
  return then(() => dropCards(gone.map((order) => tab + "/" + order)));
};

// Forgets the cards of every tab.
export const forget = () => {
  note(() => orders.clear());
  return then(clearCards);
};

export const kept = async () => {
  if (!isKept()) {
    await forget();
    return [];
  }
  return (await cardsOf(tab).catch(() => [])).filter(({ order }) => orders.has(order));
};
