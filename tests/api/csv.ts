/** A strict reader of RFC 4180, which shares nothing with the writer: throws at whatever the grammar does not have. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      let field = "";
      if (text[at] === '"') {
        at++;
        for (;;) {
          if (at >= text.length) throw new Error("A quoted field does not end");
          if (text[at] !== '"') field += text[at++];
          else if (text[at + 1] === '"') (field += '"', at += 2);
          else break;
        }
        at++;
      } else {
        while (at < text.length && !',"\r\n'.includes(text[at]!)) field += text[at++];
      }
      record.push(field);
      if (text[at] === ",") at++;
      else if (text.startsWith("\r\n", at)) break;
      else throw new Error(`A field is followed by ${JSON.stringify(text.slice(at, at + 10))}`);
    }
    at += 2;
    records.push(record);
  }
  for (const record of records) {
    if (record.length !== records[0]!.length) throw new Error("Records have different lengths");
  }
  return records;
}

/** Each record by the names of the first. */
export function readCsv(text: string): Record<string, string>[] {
  const [header = [], ...records] = parseCsv(text);
  return records.map((record) => Object.fromEntries(header.map((name, at) => [name, record[at]!])));
}
