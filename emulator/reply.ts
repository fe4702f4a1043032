/** What the control endpoint answers, as JSON. */
export interface Reply {
  status: number;
  body: unknown;
}

export function wrongMethod(method: string): Reply {
  return { status: 405, body: { error: `Only ${method} is answered here` } };
}
