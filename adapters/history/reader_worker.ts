/** The entry of the Web Worker that reads the history. */
import { SqliteReading } from "../sqlite/reading.ts";
import { serveReader } from "./reader_serve.ts";

serveReader((file) => new SqliteReading(file));
