/** Answers as long as their range: pages of the history, written out as they are read, never all at once. */

export interface PageForm<Row> {
  headers: Record<string, string>;
  /** Before the first row, and after the last. */
  head: string;
  tail: string;
  row(row: Row): string;
  separator: string;
}

const ENCODER = new TextEncoder();

/**
 * The answer 200. Throws what the first page throws, so that a failure before the first byte can have an answer of its
 * own; a later one breaks the body off. No page is read before the reader took the one before the last, and the
 * reading ends when the reader leaves.
 */
export async function streamPages<Row>(pages: AsyncIterable<Row[]>, form: PageForm<Row>): Promise<Response> {
  const iterator = pages[Symbol.asyncIterator]();
  let page = await iterator.next();
  let text = form.head;
  let separator = "";
  const write = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    controller.enqueue(ENCODER.encode(text));
    text = "";
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A page without rows has nothing to pass on, and a pull has to.
      while (!page.done && page.value.length === 0) page = await iterator.next();
      if (page.done) {
        text += form.tail;
        if (text !== "") write(controller);
        return controller.close();
      }
      for (const row of page.value) {
        text += separator + form.row(row);
        separator = form.separator;
      }
      write(controller);
      page = await iterator.next();
    },
    async cancel() {
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
  // The server passes a body on piece by piece where it is said to come in chunks, and reads any other whole.
  return new Response(body, { headers: { "transfer-encoding": "chunked", vary: "accept", ...form.headers } });
}
