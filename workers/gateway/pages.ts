import { html } from 'hono/html'
import { type ProblemCode, problems } from '../../shared/contracts/errors'
import { closedPolicy, layout } from './page-layout'

/** Turns off everything that the reference would fetch from its maker or send there. */
const configuration = JSON.stringify({
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
})

/** The reference loads nothing from elsewhere. Scalar writes its styles inline. */
export const docsPolicy = `${closedPolicy}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'`

/** The page of the API reference. Its script is served by us, so it works without the outside. */
export const docsPage = () => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Credenza API</title>
  </head>
  <body>
    <script id="api-reference" data-url="/v1/openapi.json" data-configuration="${configuration}"></script>
    <script src="/docs/standalone.js"></script>
  </body>
</html>`

/** What a problem code means: the page that the `type` of a problem document links to. */
export const problemPage = (code: ProblemCode) => {
  const { status, title, retry } = problems[code]
  return layout(
    code,
    html`<p>HTTP ${status} · <code>${code}</code></p>
    <h1>${title}</h1>
    <p>${retry ? 'The same request may succeed later.' : 'The same request will fail again: change it first.'}</p>
    <p>
      The answer is an <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a> document: <code>detail</code> says what was wrong this
      time, <code>errors</code> names the fields, <code>requestId</code> finds the request in the logs.
    </p>`,
  )
}

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)
