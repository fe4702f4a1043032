/**
 * Where a page of episodes ended, as text that a client hands back. It names the last episode that was seen, not a count
 * of episodes, so what closes meanwhile neither shifts nor doubles anything.
 */
import type { Episode } from "../../core/domain/episode.ts";

export interface EpisodePlace {
  closedAt: number;
  id: string;
}

export function writeCursor({ id, end }: Episode): string {
  return btoa(`${end.time} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undefined where the text is none that was written here. */
export function readCursor(text: string): EpisodePlace | undefined {
  if (!/^[\w-]{1,200}$/u.test(text)) return undefined;
  let plain: string;
  try {
    plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
  const [, closedAt, id] = /^(\d{1,15}(?:\.\d{1,20})?) ([\w.-]{1,100})$/u.exec(plain) ?? [];
  return closedAt === undefined || id === undefined ? undefined : { closedAt: Number(closedAt), id };
}
