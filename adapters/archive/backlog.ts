/**
 * What was handed to the archive and is not durable yet, in order. It is sent to the worker only so far ahead of the
 * acknowledgements, so that neither this memory nor the worker's grows without bound while its disk hangs; beyond the
 * bound the oldest of what was not sent yet is dropped.
 */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import { MINUTE_MS } from "../../core/domain/bar.ts";
import type { Parcel } from "./messages.ts";

interface Waiting {
  id: number;
  kind: Parcel["kind"];
  minutes: Bar[];
  episodes: Episode[];
}

const PARCEL_RECORDS = 500;
/** So many records are under way at most, or one parcel. Their cloning takes about two milliseconds. */
const WINDOW_RECORDS = 2_000;

export class Backlog {
  /** Records that are not durable. Open minutes do not count: the next checkpoint replaces them. */
  records = 0;
  dropped = 0;
  readonly #maxRecords: number;
  #parcels: Waiting[] = [];
  /** The first so many parcels were sent. */
  #sent = 0;
  #underWay = 0;
  #id = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  keep(minutes: readonly Bar[], episodes: readonly Episode[]): void {
    for (const bar of minutes) this.#open().minutes.push(bar);
    for (const episode of episodes) this.#open().episodes.push(episode);
    this.records += minutes.length + episodes.length;
    while (this.records > this.#maxRecords && this.#dropOldest());
  }

  checkpoint(minutes: readonly Bar[]): void {
    const before = this.#parcels.findLastIndex(({ kind }, at) => kind === "checkpoint" && at >= this.#sent);
    if (before >= 0) this.#parcels.splice(before, 1);
    this.#parcels.push({ id: ++this.#id, kind: "checkpoint", minutes: [...minutes], episodes: [] });
  }

  /** The next parcel to send, as far as the window lets; `all` for the last ones of a stop. */
  next(all = false): Parcel | undefined {
    const parcel = this.#parcels[this.#sent];
    if (parcel === undefined) return undefined;
    const count = parcel.minutes.length + parcel.episodes.length;
    if (!all && this.#underWay > 0 && this.#underWay + count > WINDOW_RECORDS) return undefined;
    this.#sent++;
    this.#underWay += count;
    return parcel;
  }

  /** Parcels up to this id are durable. */
  acknowledge(through: number): void {
    while (this.#sent > 0 && this.#parcels[0]!.id <= through) {
      const parcel = this.#parcels.shift()!;
      const count = parcel.minutes.length + parcel.episodes.length;
      this.#sent--;
      this.#underWay -= count;
      this.records -= recordsOf(parcel);
    }
  }

  /** The worker is gone: everything that was not acknowledged is sent again. */
  rewind(): void {
    this.#sent = 0;
    this.#underWay = 0;
  }

  /** When the oldest record came to be, ms since the epoch. */
  oldestTime(): number | null {
    const oldest = this.#parcels.find((parcel) => recordsOf(parcel) > 0);
    if (oldest === undefined) return null;
    const [bar] = oldest.minutes;
    return bar === undefined ? oldest.episodes[0]!.end.time : bar.timestamp + MINUTE_MS;
  }

  /** The last parcel, where it was not sent and has room, or a new one. */
  #open(): Waiting {
    const last = this.#parcels.at(-1);
    const unsent = this.#parcels.length > this.#sent;
    if (last !== undefined && unsent && last.kind === "keep" && recordsOf(last) < PARCEL_RECORDS) return last;
    const parcel: Waiting = { id: ++this.#id, kind: "keep", minutes: [], episodes: [] };
    this.#parcels.push(parcel);
    return parcel;
  }

  #dropOldest(): boolean {
    const at = this.#parcels.findIndex(({ kind }, index) => index >= this.#sent && kind === "keep");
    if (at < 0) return false;
    const [parcel] = this.#parcels.splice(at, 1);
    this.records -= recordsOf(parcel!);
    this.dropped += recordsOf(parcel!);
    return true;
  }
}

function recordsOf({ kind, minutes, episodes }: Waiting): number {
  return kind === "keep" ? minutes.length + episodes.length : 0;
}
