import { html } from 'hono/html'
import { parseAccept } from 'hono/utils/accept'

export type Html = ReturnType<typeof html>

/** No other page may frame a page of ours, and it may not submit forms or change its base URL. */
export const closedPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A page with inline styles and nothing else. Pages inside it, given as `srcdoc`, are bound by it too. */
export const plainPolicy = `${closedPolicy}; style-src 'unsafe-inline'`

/** Whether the client names HTML before JSON, as browsers do. */
export const prefersPage = ({ headers }: Request): boolean =>
  parseAccept(headers.get('accept') ?? '').find(({ type, q }) => q > 0 && pageOrJson.test(type))?.type === 'text/html'
const pageOrJson = /^(text\/html|application\/json)$/

/** A page that works without scripts and loads nothing. */
export const layout = (title: string, body: Html) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · Credenza</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 4rem auto; padding: 0 1rem; color: #1c1917; background: #fff; }
      code, pre { background: #f5f5f4; padding: 0.1em 0.3em; border-radius: 4px; overflow-wrap: anywhere; }
      pre { padding: 0.6em; white-space: pre-wrap; }
      a { color: #0f5f8a; }
      dt { font-weight: 600; }
      dd { margin: 0 0 0.8rem; }
      article { border-top: 1px solid #d6d3d1; padding: 1rem 0; }
      article h2 { font-size: 1.1rem; margin: 0; }
      article p { margin: 0.2rem 0 0.6rem; }
      iframe { width: 100%; height: 26rem; border: 1px solid #d6d3d1; border-radius: 4px; background: #fff; resize: vertical; }
      @media (prefers-color-scheme: dark) {
        body { color: #e7e5e4; background: #1c1917; }
        code, pre { background: #292524; }
        a { color: #7cc4ea; }
      }
    </style>
  </head>
  <body>
    ${body}
  </body>
</html>`
