import assert from "node:assert/strict";
import { ChannelReader, ChannelWriter, newChannel, newWake, Row, type Tick, WakeUp } from "./channel.ts";

const tick = (cell: number, bid: number): Tick => ({
  cell,
  state: 1,
  bid,
  bidSize: 1,
  ask: bid + 1,
  askSize: 1,
  price: bid + 0.5,
  exchangeTime: NaN,
  receivedTime: 1,
  ticks: 1,
});

function channel(capacity: number, cells = 4, firstCell = 0) {
  const wake = newWake();
  const memory = newChannel({ capacity, wake, firstCell, cells });
  return { memory, wake, writer: new ChannelWriter(memory), reader: new ChannelReader(memory) };
}

function readAll(reader: ChannelReader): { cell: number; bid: number; ticks: number }[] {
  const rows: { cell: number; bid: number; ticks: number }[] = [];
  reader.drain(
    Infinity,
    (words, at) =>
      rows.push({ cell: words[at + Row.cell]!, bid: words[at + Row.bid]!, ticks: words[at + Row.ticks]! }),
  );
  return rows;
}

Deno.test("channel hands over rows in the order they were written", () => {
  const { writer, reader } = channel(8);
  for (let bid = 1; bid <= 5; bid++) writer.write(tick(0, bid));
  assert.equal(reader.depth, 5);
  assert.deepEqual(readAll(reader).map((row) => row.bid), [1, 2, 3, 4, 5]);
  assert.equal(reader.depth, 0);
});

Deno.test("channel rounds its capacity up to a power of two", () => {
  assert.equal(channel(5).memory.capacity, 8);
  assert.equal(channel(8).memory.capacity, 8);
});

Deno.test("full channel keeps only the latest row of each cell and counts every tick", async () => {
  const { writer, reader } = channel(2);
  writer.write(tick(0, 1));
  writer.write(tick(1, 2));
  for (let bid = 10; bid < 20; bid++) writer.write(tick(2, bid));
  writer.write(tick(0, 30));
  assert.equal(writer.waiting, 2);
  assert.equal(writer.conflated, 9);
  const first = readAll(reader);
  assert.deepEqual(first.map((row) => row.bid), [1, 2]);
  // The reader's progress wakes the writer by itself.
  const rows = [];
  while (rows.length < 2) {
    await new Promise((resolve) => setTimeout(resolve));
    rows.push(...readAll(reader));
  }
  assert.deepEqual(rows, [{ cell: 2, bid: 19, ticks: 10 }, { cell: 0, bid: 30, ticks: 1 }]);
  assert.equal(writer.waiting, 0);
});

Deno.test("channel never shows an older row of a cell after a newer one, and loses no tick uncounted", async () => {
  const { writer, reader } = channel(16, 10, 100);
  let state = 42;
  const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const last = new Map<number, number>();
  let written = 0;
  let seen = 0;
  const read = () => {
    for (const row of readAll(reader)) {
      assert.ok(row.bid > (last.get(row.cell) ?? 0));
      last.set(row.cell, row.bid);
      seen += row.ticks;
    }
  };
  const newest = new Map<number, number>();
  for (let bid = 1; bid <= 20_000; bid++) {
    const cell = 100 + Math.trunc(random() * 10);
    writer.write(tick(cell, bid));
    newest.set(cell, bid);
    written++;
    if (random() < 0.01) read();
    if (random() < 0.001) await new Promise((resolve) => setTimeout(resolve));
  }
  while (reader.depth > 0 || writer.waiting > 0) {
    read();
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.equal(seen, written);
  assert.deepEqual(last, newest);
});

Deno.test("channel counts on when its row numbers wrap around", () => {
  const { memory, writer, reader } = channel(4);
  const header = new Int32Array(memory.rows, 0, 2);
  header[0] = header[1] = 0x7fffffff;
  for (let round = 0; round < 3; round++) {
    for (let bid = 1; bid <= 3; bid++) writer.write(tick(0, bid));
    assert.equal(reader.depth, 3);
    assert.deepEqual(readAll(reader).map((row) => row.bid), [1, 2, 3]);
  }
});

Deno.test("sleeping reader is woken by a writer in another thread's way: through shared memory only", async () => {
  const { wake, writer, reader } = channel(4);
  const wakeUp = new WakeUp(wake);
  const slept = wakeUp.sleep(() => reader.depth > 0);
  writer.write(tick(0, 7));
  await slept;
  assert.deepEqual(readAll(reader).map((row) => row.bid), [7]);
});

Deno.test("reader does not fall asleep over rows that are there already", async () => {
  const { wake, writer, reader } = channel(4);
  writer.write(tick(0, 7));
  await new WakeUp(wake).sleep(() => reader.depth > 0);
  assert.equal(reader.depth, 1);
});

Deno.test("row that found the ring full is not forgotten when the core reads everything at that very moment", async () => {
  const { writer, reader } = channel(2);
  writer.write(tick(0, 1));
  writer.write(tick(1, 2));
  const rows: { cell: number; bid: number; ticks: number }[] = [];
  // The cell is asked for after the ring was found full and before the writer waits for room: where the core's thread
  // reads in between, it never reads again by itself.
  writer.write({
    ...tick(2, 3),
    get cell() {
      rows.push(...readAll(reader));
      return 2;
    },
  });
  assert.deepEqual(rows.map((row) => row.bid), [1, 2]);
  for (let turn = 0; reader.depth === 0 && turn < 1000; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.deepEqual(readAll(reader), [{ cell: 2, bid: 3, ticks: 1 }]);
});
