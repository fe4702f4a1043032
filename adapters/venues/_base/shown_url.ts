/** An address as it may be told: its path, its query and its user may be a key. */
export function shownUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
