import type { OpenAPIHono, z } from '@hono/zod-openapi'
import { actions } from './actions'
import { ErrorSchema } from './refusal'

const refusals: Record<number, string> = {
  400: 'The request is malformed, the database refuses it, or (`NotSupported`) the engine cannot do it as MongoDB does',
  401: 'No key, or not the right one',
  404: 'There is nothing at this path',
  409: 'A unique index has this key already: `DuplicateKey`',
  413: 'The body or a document is too large',
  429: 'Too many requests; Retry-After is the time to wait',
  500: 'Something went wrong inside',
  503: 'The database does not answer; Retry-After is the time to wait',
}

const inBoth = (schema: z.ZodType) => ({ 'application/json': { schema }, 'application/ejson': { schema } })

/** Adds every action to an app's OpenAPI document. They share one handler, so they are no routes of hono-zod-openapi. */
export function describeActions(app: Pick<OpenAPIHono, 'openAPIRegistry'>, base: string): void {
  const registry = app.openAPIRegistry
  for (const name of ['apiKey', 'api-key'])
    registry.registerComponent('securitySchemes', name, { type: 'apiKey', in: 'header', name })
  for (const [action, { summary, body, answer, status }] of Object.entries(actions)) {
    registry.registerPath({
      method: 'post',
      path: `${base}/${action}`,
      operationId: action,
      summary,
      security: [{ apiKey: [] }, { 'api-key': [] }],
      request: { body: { required: true, content: inBoth(body.openapi(`${action}Request`)) } },
      responses: {
        [status]: { description: 'Done', content: inBoth(answer.openapi(`${action}Answer`)) },
        ...Object.fromEntries(
          Object.entries(refusals).map(([code, description]) => [
            code,
            { description, content: { 'application/json': { schema: ErrorSchema } } },
          ]),
        ),
      },
    })
  }
}
