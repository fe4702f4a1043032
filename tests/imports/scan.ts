/**
 * What a source file imports and which names of the platform it uses. Reads tokens, so that comments, strings, regular
 * expressions and JSX text that look like imports are none; no parser of the whole language is needed for that.
 */

export interface Import {
  /** As written; undefined where it is computed and nobody can tell. */
  specifier: string | undefined;
  line: number;
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean;
}

/** A use of something that is there without an import, for example `Date.now` or `fetch`. */
export interface Use {
  name: string;
  line: number;
}

interface Token {
  kind: "word" | "text" | "mark";
  text: string;
  line: number;
}

const WORD = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\.?\d[\w.]*/y;
/** Between a `/` and the end of its line: a regular expression with its flags. */
const REGEX = /\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
/** A `/` after one of these words begins a regular expression. */
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "do",
  "else",
  "void",
  "yield",
  "await",
]);

/** Throws a readable error where a comment or a template does not end. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** One entry an open template expression: the braces that are open in it. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;
  const fail = (what: string, from: number): never => {
    throw new SyntaxError(`${what} that begins in line ${from} does not end`);
  };
  const push = (kind: Token["kind"], text: string) => void tokens.push({ kind, text, line });
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const skipTo = (end: number) => {
    for (; at < end; at++) if (source[at] === "\n") line++;
  };
  /** From after a backtick, or from the end of an expression, to the next of either. */
  const readTemplate = (): void => {
    const start = at;
    const from = line;
    for (; at < source.length; at++) {
      if (source[at] === "\n") line++;
      else if (source[at] === "\\" && source[at + 1] !== "\n") at++;
      else if (source[at] === "`") return push("text", source.slice(start, at++));
      else if (source.startsWith("${", at)) {
        push("mark", "`${");
        at += 2;
        return void templates.push(0);
      }
    }
    fail("Template", from);
  };

  while (at < source.length) {
    const one = source[at]!;
    const before = tokens.at(-1);
    if (/\s/.test(one)) skipTo(at + 1);
    else if (source.startsWith("//", at) || (at === 0 && source.startsWith("#!"))) {
      const end = source.indexOf("\n", at);
      at = end < 0 ? source.length : end;
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      skipTo(end < 0 ? fail("Comment", line) : end + 2);
    } else if (one === '"' || one === "'") {
      // An apostrophe in JSX text is no string; the end of the line ends either.
      let end = at + 1;
      while (end < source.length && source[end] !== one && source[end] !== "\n") {
        end += source[end] === "\\" ? 2 : 1;
      }
      push("text", source.slice(at + 1, end));
      skipTo(source[end] === one ? end + 1 : end);
    } else if (one === "`") {
      at++;
      readTemplate();
    } else if (one === "/" && beginsRegex(before) && match(REGEX) !== undefined) {
      at += match(REGEX)!.length;
      push("mark", "/regex/");
    } else if (one === "}" && templates.at(-1) === 0) {
      at++;
      templates.pop();
      readTemplate();
    } else {
      const word = match(WORD);
      const text = word ?? match(NUMBER) ?? one;
      if (templates.length > 0 && text === "{") templates[templates.length - 1]!++;
      if (templates.length > 0 && text === "}") templates[templates.length - 1]!--;
      push(word === undefined ? "mark" : "word", text);
      at += text.length;
    }
  }
  return tokens;
}

function beginsRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "word") return BEFORE_REGEX.has(before.text);
  // After `<` it closes a JSX element; after a closing bracket or a number it divides.
  return before.kind === "mark" && !/^(?:[)\]}<]|\.?\d.*|\/regex\/)$/.test(before.text);
}

export function importsOf(source: string): Import[] {
  const tokens = tokensOf(source);
  const imports: Import[] = [];
  const is = (at: number, ...texts: string[]) =>
    texts.every((text, offset) => tokens[at + offset]?.text === text && tokens[at + offset]?.kind !== "text");
  const textAt = (at: number) => tokens[at]?.kind === "text" ? tokens[at].text : undefined;
  const add = (at: number, specifier: string | undefined, typeOnly = false) =>
    void imports.push({ specifier, line: tokens[at]!.line, typeOnly });
  /** A text that is all of an argument. */
  const argument = (at: number) => is(at + 1, ")") || is(at + 1, ",") ? textAt(at) : undefined;

  for (let at = 0; at < tokens.length; at++) {
    const free = !is(at - 1, ".") && tokens[at]!.kind === "word";
    if (is(at, "URL", "(") && is(at + 3, ",", "import", ".", "meta", ".", "url")) {
      // A worker or a script that is started by its address.
      if (/\.tsx?$/.test(textAt(at + 2) ?? "")) add(at, textAt(at + 2));
    } else if (is(at, "import", ".", "meta", ".", "resolve", "(")) add(at, argument(at + 6));
    else if (free && is(at, "import", "(")) add(at, argument(at + 2), is(at - 1, "typeof"));
    else if (free && is(at, "import") && textAt(at + 1) !== undefined) add(at, textAt(at + 1));
    else if (free && (is(at, "import") || is(at, "export"))) {
      const end = endOfClause(tokens, at + 1, is(at, "export"));
      if (end !== undefined) add(at, textAt(end), typesOnly(tokens.slice(at + 1, end)));
    }
  }
  return imports;
}

/** Where the specifier of `import … from "x"` or `export … from "x"` stands; undefined where this is none. */
function endOfClause(tokens: Token[], from: number, exported: boolean): number | undefined {
  const first = tokens[from]?.text === "type" ? from + 1 : from;
  if (exported && !["{", "*"].includes(tokens[first]?.text ?? "")) return undefined;
  for (let at = from; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!;
    if (text === "from" && kind === "word" && tokens[at + 1]?.kind === "text") return at + 1;
    if (kind === "mark" && !["{", "}", ",", "*"].includes(text)) return undefined;
    if (text === "}" && !["from", ","].includes(tokens[at + 1]?.text ?? "")) return undefined;
  }
}

/** True for `type X`, `type { … }` and `{ type X, type Y }`; not for `type` as a name of its own. */
function typesOnly(clause: Token[]): boolean {
  const words = clause.slice(0, -1).map((token) => token.text);
  if (words[0] === "type" && words.length > 1 && words[1] !== ",") return true;
  if (words[0] !== "{" || words.at(-1) !== "}") return false;
  const names = words.slice(1, -1).join(" ").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
  return names.length > 0 && names.every((name) => /^type (?!as\b(?! as\b))/.test(name));
}

/** Uses of the names given: `fetch`, `Date.now`, or `new Date()` for one without arguments. */
export function usesOf(source: string, names: readonly string[]): Use[] {
  const tokens = tokensOf(source);
  const patterns = names.map((name) => ({ name, parts: tokensOf(name).map((token) => token.text) }));
  return tokens.flatMap((token, at) => {
    // A member or a key of that name is something else.
    if (token.kind !== "word" || tokens[at - 1]?.text === "." || tokens[at + 1]?.text === ":") return [];
    const found = patterns.find(({ parts }) =>
      parts.every((part, offset) =>
        tokens[at + offset]?.kind !== "text" && tokens[at + offset]?.text === part
      )
    );
    return found === undefined ? [] : [{ name: found.name, line: token.line }];
  });
}
