/** What a program that was killed left in its outbox. */
import { DatabaseSync } from "node:sqlite";
import type { Bar } from "../../../core/domain/bar.ts";
import type { Episode } from "../../../core/domain/episode.ts";

/** What is durable in the outbox, read from a copy so that the next start finds what the kill left. */
export async function leftBy(
  dataDir: string,
): Promise<{ records: Bar[]; open: Bar[]; episodes: Episode[]; writtenAt: number }> {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-outbox-" });
  const writtenAt: number[] = [];
  try {
    for (const end of ["", "-wal"]) {
      try {
        const file = `${dataDir}/outbox.sqlite${end}`;
        writtenAt.push((await Deno.stat(file)).mtime!.getTime());
        await Deno.copyFile(file, `${folder}/outbox.sqlite${end}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    const database = new DatabaseSync(`${folder}/outbox.sqlite`);
    const tables = database.prepare("select 1 from sqlite_master where name = 'records'").all();
    const bodies = <T>(sql: string): T[] =>
      tables.length === 0
        ? []
        : database.prepare(sql).all().map(({ body }) => JSON.parse(body as string) as T);
    const left = {
      records: bodies<Bar>("select body from records where kind = 'minute' order by seq"),
      episodes: bodies<Episode>("select body from records where kind = 'episode'"),
      open: bodies<Bar>("select body from open_minutes"),
      writtenAt: Math.max(...writtenAt),
    };
    database.close();
    return left;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
