// Files in a ZIP archive, stored as they are: pictures are compressed already.

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const crc32 = (bytes) => {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 0xff];
  return ~value >>> 0;
};

// The members of a header: [bytes, value] each, little-endian.
const header = (...members) => {
  const view = new DataView(new ArrayBuffer(members.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of members) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return view.buffer;
};

const dosTime = (date) => (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
const dosDate = (date) => ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();

// A name in UTF-8, as bit 11 says; version 2.0; not compressed.
const utf8 = 0x0800;

// `files`: `path`, and `content` as a Blob.
export const zip = async (files) => {
  const now = new Date();
  const parts = [];
  const directory = [];
  let offset = 0;
  let directorySize = 0;
  for (const { path, content } of files) {
    const name = new TextEncoder().encode(path);
    const bytes = new Uint8Array(await content.arrayBuffer());
    const common = [
      [2, 20], [2, utf8], [2, 0], [2, dosTime(now)], [2, dosDate(now)], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length],
      [2, name.length], [2, 0],
    ];
    const local = header([4, 0x04034b50], ...common);
    const entry = header([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    parts.push(local, name, bytes);
    directory.push(entry, name);
    offset += local.byteLength + name.length + bytes.length;
    directorySize += entry.byteLength + name.length;
  }
  const end = header(
    [4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, directorySize], [4, offset], [2, 0],
  );
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
};
