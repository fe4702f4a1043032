/** What Bybit's `orderbook.1` says, byte for byte as it writes it, made beforehand so that sending costs nothing. */
import { textFrame } from "../../emulator/websocket.ts";
import { seeded } from "../harness/stats.ts";

export const SYMBOLS = ["BTC", "ETH", "SOL", "XRP", "DOGE", "TON", "ADA", "LTC", "LINK", "AVAX"].map((base) =>
  `${base}-USDT`
);

/** Sent over and over. */
const FRAMES = 5_000;

export interface BestFrame {
  symbol: string;
  /** About 200 characters; always other than the one before of its symbol. */
  text: string;
  bid: number;
  ask: number;
}

export function* orderbookFrames(): Generator<BestFrame> {
  const random = seeded(1);
  const size = () => (0.001 + random() * 5).toFixed(6);
  const ticks = SYMBOLS.map((_, at) => 771_405 - at * 5_000);
  for (let n = 0; n < FRAMES; n++) {
    const at = Math.floor(random() * SYMBOLS.length);
    const name = SYMBOLS[at]!.replace("-", "");
    const bid = ticks[at]! += random() < 0.3 ? Math.round(random() * 4 - 2) : 0;
    const ts = 1_789_299_657_452 + n;
    const [bidText, askText] = [(bid / 10).toFixed(1), ((bid + 1) / 10).toFixed(1)];
    const text = `{"topic":"orderbook.1.${name}","ts":${ts},"type":"snapshot","data":{"s":"${name}",` +
      `"b":[["${bidText}","${size()}"]],"a":[["${askText}","${size()}"]],` +
      `"u":${38_000_000 + n},"seq":${110_000_000_000 + 7 * n}},"cts":${ts - 3}}`;
    yield { symbol: SYMBOLS[at]!, text, bid: Number(bidText), ask: Number(askText) };
  }
}

/** All of them as WebSocket frames, one after the other. */
export function frameBytes(): Uint8Array {
  const frames = [...orderbookFrames()].map(({ text }) => textFrame(text).slice());
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}
