// The cards of this tab, which a reload keeps.

import { recall } from "../../common.js";
import { cardsOf, clearCards, dropCards, saveCard } from "./store.js";

const newName = () => String(Date.now()) + Math.random();

// A tab keeps its name when it is reloaded.
let tab = (() => {
  try {
    const kept = sessionStorage.getItem("tab") ?? newName();
    sessionStorage.setItem("tab", kept);
    return kept;
  } catch {
    return null;
  }
})();

// A page that is reloaded gives its lock back at once; a tab that this one is a copy of does not.
const patience = 1500;

// Resolves with whether no other tab has this name. The name is held as long as the page lives.
const held = () => new Promise((resolve) => {
  navigator.locks.request("tab " + tab, { signal: AbortSignal.timeout(patience) }, () => {
    resolve(true);
    return new Promise(() => {});
  }).catch(() => resolve(false));
});

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

// A copy of a tab begins with the cards of the other, under a name of its own.
const named = async () => {
  if (tab === null || !navigator.locks || await held()) return;
  const cards = await cardsOf(tab).catch(() => []);
  tab = newName();
  sessionStorage.setItem("tab", tab);
  await held();
  for (const card of cards) await saveCard({ ...card, tab, id: tab + "/" + card.order });
};

let queue = named().catch(() => {});

// In their order; a browser that keeps nothing has nothing after a reload.
const then = (act) => {
  queue = queue.then(act).catch(() => {});
  return queue;
};

// A card is kept from the choice of its picture on. The picture itself is, as long as it may have to be sent.
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

// Those from before the page was loaded.
export const kept = async () => {
  if (!isKept()) {
    await forget();
    return [];
  }
  await queue;
  return (await cardsOf(tab).catch(() => [])).filter(({ order }) => orders.has(order) && order <= lastOrder);
};
