/** Variables that are looked up in any case, some of them by packages as soon as these are imported. */
export const BASE_ENV = [
  { value: "MARKETFLOW_*", why: "settings" },
  { value: "LOG_TOKENS", why: "a package looks there" },
  { value: "LOG_STREAM", why: "a package looks there" },
  { value: "WS_NO_*", why: "the package for WebSockets looks there" },
] as const;
