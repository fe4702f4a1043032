/**
 * CRC32 (polynomial of zlib) over the characters of numbers, without building the text first: checksums are taken on
 * every change of a book.
 */

const TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const DOT = 46;
const ZERO = 48;

/** Accumulates text of ASCII characters. */
export class Crc32 {
  #state = -1;

  /** The whole text. */
  add(text: string): void {
    let state = this.#state;
    for (let i = 0; i < text.length; i++) {
      state = TABLE[(state ^ text.charCodeAt(i)) & 255]! ^ (state >>> 8);
    }
    this.#state = state;
  }

  /** A number without its dot and without leading zeros: `0.00044780` counts as `44780`. */
  addDigits(number: string): void {
    let state = this.#state;
    let leading = true;
    for (let i = 0; i < number.length; i++) {
      const code = number.charCodeAt(i);
      if (code === DOT || (leading && code === ZERO)) continue;
      leading = false;
      state = TABLE[(state ^ code) & 255]! ^ (state >>> 8);
    }
    this.#state = state;
  }

  /** The checksum so far, as a signed number; `>>> 0` makes it unsigned. */
  get value(): number {
    return ~this.#state;
  }
}
