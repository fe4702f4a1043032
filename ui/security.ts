/** What every response carries. */
import type { MiddlewareHandler } from "hono";
import { clientOf } from "./access/client.ts";

/** No script and no style but our own files; `data:` images are those inside Swagger UI's style sheet. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What a page could ask a browser for, and ours do not. */
const PERMISSIONS_POLICY = [
  ...[
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
  ],
  ...["microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking"],
].map((feature) => `${feature}=()`).join(", ");

/** A year. Not for other names below this one: they may be somebody else's. */
const STRICT_TRANSPORT_SECURITY = "max-age=31536000";

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const headers = c.res.headers;
  headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-opener-policy", "same-origin");
  // No foreign page shows anything of ours; CORS is asked for in another way and is not about this.
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("permissions-policy", PERMISSIONS_POLICY);
  if (clientOf(c).secure) headers.set("strict-transport-security", STRICT_TRANSPORT_SECURITY);
  // Prices are old the moment they are sent.
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
};
