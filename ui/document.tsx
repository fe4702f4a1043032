/** The document around every page. */
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Assets } from "./assets.ts";

interface DocumentProps {
  title: string;
  description?: string | undefined;
  /** Style sheets of this page, after the common one. */
  styles?: readonly string[] | undefined;
  assets: Assets;
  children: ComponentChildren;
}

/** Renders to text, with the doctype. */
export function renderDocument({ title, description, styles = [], assets, children }: DocumentProps): string {
  // The page first: whether it holds an island decides about the script.
  const body = renderToString(<>{children}</>);
  const script = body.includes("<island-root") ? assets.script : undefined;
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        {description && <meta name="description" content={description} />}
        <link rel="icon" href={assets.url("/icon.svg")} type="image/svg+xml" />
        {["/styles.css", ...styles].map((path) => (
          <link
            key={path}
            rel="stylesheet"
            href={assets.url(path)}
          />
        ))}
        {/* Runs before the first paint, so that a chosen theme does not flash. */}
        <script src={assets.url("/theme.js")} />
        {script && <script type="module" src={script} />}
      </head>
      <body dangerouslySetInnerHTML={{ __html: body }} />
    </html>,
  );
  return `<!doctype html>${html}`;
}

/** What a browser gets for a page that is not there, or that failed. */
export function ErrorPage({ status, title, detail }: { status: number; title: string; detail: string }) {
  return (
    <main class="error-page">
      <p class="error-status">{status}</p>
      <h1>{title}</h1>
      <p>{detail}.</p>
      <p>
        <a href="/">Back to the opportunities</a>
      </p>
    </main>
  );
}
