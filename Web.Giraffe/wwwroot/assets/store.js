// The answers that this browser got, with tiny thumbnails, in its own database; nothing of it goes anywhere.

const most = 100;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened = null;

const database = () => {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("recognition", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
};

const answers = async (mode) => (await database()).transaction("answers", mode).objectStore("answers");

// The newest first; what is more than a hundred is forgotten.
export const add = async (answer) => {
  const store = await answers("readwrite");
  await done(store.add(answer));
  const keys = await done(store.getAllKeys());
  if (keys.length > most) await done(store.delete(IDBKeyRange.upperBound(keys[keys.length - most - 1])));
};

export const all = async () => (await done((await answers("readonly")).getAll())).reverse();

export const clear = async () => done((await answers("readwrite")).clear());
