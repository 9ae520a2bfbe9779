// Writes ZIP archives without compression, because pictures are already compressed.

// The lookup table of the CRC-32 with the reversed polynomial 0xEDB88320.
const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const crc32 = (bytes) => {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ crcTable[(value ^ byte) & 0xff];
  return ~value >>> 0;
};

// Writes the fields of a record, each a pair of its length in bytes and its value, in little-endian order.
const record = (...fields) => {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let offset = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
    offset += bytes;
  }
  return view.buffer;
};

// MS-DOS times have a resolution of two seconds, and their years start in 1980.
const dosTime = (date) => (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
const dosDate = (date) => ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();

// Bit 11 of the flags: the names are in UTF-8.
const utf8Flag = 0x0800;

// Version 2.0 of the specification is required to extract the files.
const version = 20;

// Creates an archive. Each file has a `path` and a `content`, which is a Blob. The constants are the signatures of the
// records: local file header, central directory header, and end of central directory.
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
      [2, version], [2, utf8Flag], [2, 0], [2, dosTime(now)], [2, dosDate(now)], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length],
      [2, name.length], [2, 0],
    ];
    const local = record([4, 0x04034b50], ...common);
    const entry = record([4, 0x02014b50], [2, version], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    parts.push(local, name, bytes);
    directory.push(entry, name);
    offset += local.byteLength + name.length + bytes.length;
    directorySize += entry.byteLength + name.length;
  }
  const end = record(
    [4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, directorySize], [4, offset], [2, 0],
  );
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
};
