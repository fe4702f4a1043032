/**
 * What kinds of values settings have. The messages complete the sentence «use …», where they do not say that
 * they are one.
 */
import { z } from "zod";

export const whole = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

export const number = (min: number, max: number) => {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};

export const text = (error: string) => z.string({ error }).min(1, { error });

export const flag = z.boolean({ error: "true or false" });

/** A group of settings; the loader itself words what it says of unknown names. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: "settings by name, as in config.yaml" });

export const url = (...protocols: string[]) => {
  const error = urlWords(protocols);
  return z.string({ error }).refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
    { error },
  );
};

/** One address or several, the first of which is wanted most. What it is is not repeated: it may have a key in it. */
export const urls = (...protocols: string[]) =>
  z.custom<string | string[]>().superRefine((value, context) => {
    const list = [value].flat();
    const say = (message: string) => context.addIssue({ code: "custom", message, params: SENTENCE });
    if (list.length === 0 || !list.every((one) => url(...protocols).safeParse(one).success)) {
      const what = value === undefined ? "Is missing" : "Is not allowed as it is";
      say(`${what}; use ${urlWords(protocols)}, or a list of such`);
    } else if (!areDistinct(list.map((one) => new URL(one!).href))) {
      say("Names an address twice; use each once");
    }
  });

/** None of them stands there twice. */
export function areDistinct(list: readonly unknown[]): boolean {
  return new Set(list).size === list.length;
}

function urlWords(protocols: readonly string[]): string {
  return `an address that begins with ${protocols.map((one) => `${one}//`).join(" or ")}`;
}

/** Marks a message that is a sentence of its own. */
export const SENTENCE = { sentence: true };
