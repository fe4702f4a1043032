/**
 * Bytes in, lines out. A line may be spread over any number of chunks, in the middle of a character as well. What is
 * too long to be a line is skipped up to its end without being kept.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #most: number;
  readonly #line: (text: string) => void;
  readonly #tooLong: (characters: number) => void;
  #rest = "";
  /** Characters of an overlong line that were thrown away so far; 0: not skipping. */
  #skipped = 0;

  /** `line` is called without the line break and not for empty lines. */
  constructor(most: number, line: (text: string) => void, tooLong: (characters: number) => void) {
    this.#most = most;
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end; (end = text.indexOf("\n", from)) >= 0; from = end + 1) this.#end(text.slice(from, end));
    this.#rest = text.slice(from);
    if (this.#skipped > 0 || this.#rest.length > this.#most) {
      this.#skipped += this.#rest.length;
      this.#rest = "";
    }
  }

  #end(text: string): void {
    const length = this.#skipped + text.length;
    if (this.#skipped > 0 || length > this.#most) {
      this.#skipped = 0;
      return this.#tooLong(length);
    }
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (line !== "") this.#line(line);
  }
}
