// Saves the cards of a tab for a reload.

import { readSetting } from "../../common.js";
import { clearCards, getCards, putCard, removeCards } from "./store.js";

const newName = () => String(Date.now()) + Math.random();

// A reload keeps the name of the tab.
let tab = (() => {
  try {
    const name = sessionStorage.getItem("tab") ?? newName();
    sessionStorage.setItem("tab", name);
    return name;
  } catch {
    return null;
  }
})();

// A reload releases its lock at once, the original of a copied tab never.
const lockTimeoutMs = 1500;

// Locks the name until the page closes. Resolves with false if another tab has it.
const lockTab = () => new Promise((resolve) => {
  navigator.locks.request("tab " + tab, { signal: AbortSignal.timeout(lockTimeoutMs) }, () => {
    resolve(true);
    return new Promise(() => {});
  }).catch(() => resolve(false));
});

const isEnabled = () => tab !== null && readSetting("history") !== "no";

// Session storage is synchronous: a reload may precede the database's writes.
const orders = new Set((() => {
  try { return JSON.parse(sessionStorage.getItem("cards") ?? "[]"); } catch { return []; }
})());

export const lastOrder = Math.max(0, ...orders);

const updateOrders = (change) => {
  change();
  try { sessionStorage.setItem("cards", JSON.stringify([...orders])); } catch { /* Storage is blocked. */ }
};

// Gives a copied tab its own name and cards.
const claimTab = async () => {
  if (tab === null || !navigator.locks || await lockTab()) return;
  const cards = await getCards(tab).catch(() => []);
  tab = newName();
  sessionStorage.setItem("tab", tab);
  await lockTab();
  for (const card of cards) await putCard({ ...card, tab, id: tab + "/" + card.order });
};

let queue = claimTab().catch(() => {});

// Runs writes in order. Without storage, a reload shows no cards.
const enqueue = (action) => {
  queue = queue.then(action).catch(() => {});
  return queue;
};

// The newest state of each card that waits in the queue: an answer may arrive before the picture is written.
const pending = new Map();

// Saves the picture only while it may have to be uploaded.
export const saveCard = ({ order, source, side, picture, isForeign, renditions, result, sent, problem }) => {
  if (!isEnabled()) return;
  const { name, address, pair } = source;
  const size = picture.size;
  updateOrders(() => orders.add(order));
  const { width, height, card, thumb, tiny } = renditions ?? {};
  const drawn = renditions && { width, height, card, thumb, tiny };
  pending.set(order, {
    order, name, address, pair, side, size, type: picture.type, isForeign, drawn, sent, found: result, problem,
    picture: result ? null : picture,
  });
  enqueue(() => {
    const newest = pending.get(order);
    pending.delete(order);
    return newest && putCard({ ...newest, id: tab + "/" + order, tab });
  });
};

export const deleteCards = (removed) => {
  updateOrders(() => removed.forEach((order) => orders.delete(order)));
  removed.forEach((order) => pending.delete(order));
  return enqueue(() => removeCards(removed.map((order) => tab + "/" + order)));
};

// Deletes the cards of all tabs.
export const clearSavedCards = () => {
  updateOrders(() => orders.clear());
  pending.clear();
  return enqueue(clearCards);
};

export const loadCards = async () => {
  if (!isEnabled()) {
    await clearSavedCards();
    return [];
  }
  await queue;
  return (await getCards(tab).catch(() => [])).filter(({ order }) => orders.has(order) && order <= lastOrder);
};
