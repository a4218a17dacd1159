import { html } from 'hono/html'
import { type ProblemCode, problems } from '../../shared/contracts/errors'
import { closedPolicy, layout } from './page-layout'

/** The reference loads nothing from elsewhere. Swagger UI writes some of its styles inline, and its icons are data. */
export const docsPolicy = `${closedPolicy}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'`

/** The page of the API reference. All that it loads is served by us, so it works without the outside. */
export const docsPage = () => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>API reference · Credenza</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/reference.js"></script>
  </body>
</html>`

/** Starts the reference. No validator of its maker is asked about the document; a token survives a reload of the page. */
export const docsScript = `SwaggerUIBundle(${JSON.stringify({
  url: '/v1/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})})
`

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
