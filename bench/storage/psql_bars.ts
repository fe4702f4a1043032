/** What the server needs for minutes, their hours and days, when its own client sends them: the limit of ours. */
import { BAR_COLUMNS } from "../../adapters/history/columns.ts";
import { rollUpDays, rollUpHours, upsertMinutes } from "../../adapters/postgres/bars.ts";
import { psqlMs } from "./psql.ts";

const COLUMNS = Object.keys(BAR_COLUMNS);

/** The intervals that the batch lies in. */
const partsOf = (length: "hour" | "day") =>
  `(select distinct mode, pair_name, exchange,
    (date_part('epoch', date_trunc('${length}', timestamp, 'UTC')) * 1000)::float8 from batch)`;

/** Every file is a transaction: into a temporary table, and from there by the statements of the program. In ms. */
export async function psqlBars(url: string, files: readonly string[]): Promise<number> {
  const ms = await psqlMs(
    url,
    files.flatMap((file) => [
      "begin",
      "create temporary table batch (like minutes) on commit drop",
      `\\copy batch (${COLUMNS}) from '${file}'`,
      upsertMinutes(`select ${COLUMNS} from batch`),
      rollUpHours(partsOf("hour")),
      rollUpDays(partsOf("day")),
      "commit",
    ]),
  );
  return ms.reduce((sum, one) => sum + one, 0);
}
