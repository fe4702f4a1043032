/** Says what happens in a long run, and when. */
export function told(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
}
