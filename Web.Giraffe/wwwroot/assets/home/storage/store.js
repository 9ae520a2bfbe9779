// This browser's own database: the history, and the cards of a tab that is reloaded. Nothing of it is sent anywhere.

const most = 100;

// Cards of tabs that were closed.
const staleAfter = 24 * 3600 * 1000;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened = null;

const database = () => {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("recognition", 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      if (!result.objectStoreNames.contains("answers")) result.createObjectStore("answers", { keyPath: "id", autoIncrement: true });
      if (!result.objectStoreNames.contains("cards")) result.createObjectStore("cards", { keyPath: "id" }).createIndex("tab", "tab");
    };
    request.onsuccess = () => {
      // Another tab has a newer page.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
};

const store = async (name, mode) => (await database()).transaction(name, mode).objectStore(name);

// Keeps the newest hundred, and those that were judged, since they may be exported for training. Returns the key.
export const add = async (answer) => {
  const answers = await store("answers", "readwrite");
  const key = await done(answers.add(answer));
  const keys = await done(answers.getAllKeys());
  for (const old of keys.slice(0, -most)) {
    const kept = await done(answers.get(old));
    if (!kept.verdict) await done(answers.delete(old));
  }
  return key;
};

export const change = async (key, changed) => {
  const answers = await store("answers", "readwrite");
  const kept = await done(answers.get(key));
  if (kept) await done(answers.put({ ...kept, ...changed }));
};

// The newest first.
export const all = async () => (await done((await store("answers", "readonly")).getAll())).reverse();

export const clear = async () => done((await store("answers", "readwrite")).clear());

// Puts back what was cleared, oldest first.
export const restore = async (answers) => {
  const place = await store("answers", "readwrite");
  for (const answer of answers) await done(place.put(answer));
};

export const saveCard = async (card) => done((await store("cards", "readwrite")).put({ ...card, saved: Date.now() }));

export const dropCards = async (ids) => {
  const cards = await store("cards", "readwrite");
  await Promise.all(ids.map((id) => done(cards.delete(id))));
};

export const clearCards = async () => done((await store("cards", "readwrite")).clear());

export const cardsOf = async (tab) => {
  const cards = await store("cards", "readwrite");
  const kept = await done(cards.getAll());
  for (const card of kept)
    if (card.tab !== tab && Date.now() - card.saved > staleAfter) await done(cards.delete(card.id));
  return kept.filter((card) => card.tab === tab);
};
