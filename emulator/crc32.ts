/** CRC-32 with the polynomial of zlib and PNG, which Kraken puts over its books. */

const TABLE = new Int32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Unsigned checksum of an ASCII text. */
export function crc32(text: string): number {
  let crc = -1;
  for (let at = 0; at < text.length; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ text.charCodeAt(at)) & 255]!;
  return (crc ^ -1) >>> 0;
}
