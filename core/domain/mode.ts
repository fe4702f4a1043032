/** `live` reads real venues, `test` reads synthetic ones. Data of the two never mixes. */
export type Mode = "live" | "test";
