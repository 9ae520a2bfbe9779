// Stores the history and the cards in IndexedDB.

// Limits the history: it contains pictures.
const maxResults = 100;

// Deletes the cards of closed tabs after a day.
const maxCardAgeMs = 24 * 3600 * 1000;

const toPromise = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let connection = null;

const database = () => {
  connection ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("recognition", 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      if (!result.objectStoreNames.contains("answers")) result.createObjectStore("answers", { keyPath: "id", autoIncrement: true });
      if (!result.objectStoreNames.contains("cards")) result.createObjectStore("cards", { keyPath: "id" }).createIndex("tab", "tab");
    };
    request.onsuccess = () => {
      // Another tab needs to upgrade the database.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return connection;
};

const objectStore = async (name, mode) => (await database()).transaction(name, mode).objectStore(name);

// Returns the key. Keeps old results with a verdict, for training.
export const addResult = async (result) => {
  const results = await objectStore("answers", "readwrite");
  const key = await toPromise(results.add(result));
  const keys = await toPromise(results.getAllKeys());
  for (const oldKey of keys.slice(0, -maxResults)) {
    const { verdict } = await toPromise(results.get(oldKey));
    if (!verdict) await toPromise(results.delete(oldKey));
  }
  return key;
};

export const updateResult = async (key, fields) => {
  const results = await objectStore("answers", "readwrite");
  const result = await toPromise(results.get(key));
  if (result) await toPromise(results.put({ ...result, ...fields }));
};

// Returns the newest result first.
export const getResults = async () => (await toPromise((await objectStore("answers", "readonly")).getAll())).reverse();

export const clearResults = async () => toPromise((await objectStore("answers", "readwrite")).clear());

// Restores results, oldest first.
export const restoreResults = async (results) => {
  const target = await objectStore("answers", "readwrite");
  for (const result of results) await toPromise(target.put(result));
};

export const putCard = async (card) => toPromise((await objectStore("cards", "readwrite")).put({ ...card, saved: Date.now() }));

export const removeCards = async (ids) => {
  const cards = await objectStore("cards", "readwrite");
  await Promise.all(ids.map((id) => toPromise(cards.delete(id))));
};

export const clearCards = async () => toPromise((await objectStore("cards", "readwrite")).clear());

export const getCards = async (tab) => {
  const store = await objectStore("cards", "readwrite");
  const cards = await toPromise(store.getAll());
  for (const card of cards)
    if (card.tab !== tab && Date.now() - card.saved > maxCardAgeMs) await toPromise(store.delete(card.id));
  return cards.filter((card) => card.tab === tab);
};
