/** Comma-separated values (RFC 4180), for spreadsheets and `COPY … FROM … WITH (FORMAT csv, HEADER)`. */

export const CSV_TYPE = "text/csv";

export type CsvValue = string | number | boolean | null;

/** One record with its end of line. Nothing is an empty field; a field is quoted where it has to be. */
export function csvRecord(values: readonly CsvValue[]): string {
  return values.map(field).join(",") + "\r\n";
}

function field(value: CsvValue): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** ISO 8601 with milliseconds, in UTC: databases and spreadsheets both read it. */
export function csvTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The headers of an answer that a browser saves as `name`. Names are ours: letters, digits, dashes and dots. */
export function csvHeaders(name: string): Record<string, string> {
  return {
    "content-type": `${CSV_TYPE}; charset=utf-8; header=present`,
    "content-disposition": `attachment; filename="${name.replace(/[^\w.-]/gu, "-")}.csv"`,
  };
}
