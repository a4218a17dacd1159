import type { Actor } from '../contracts/actor'
import { as } from './factories'

/** Anything with a fetch of its own: an app with its env bound, a Worker, the whole constellation. */
export type Endpoint = (request: Request) => Response | Promise<Response>

export type CallOptions = { actor?: Actor; body?: unknown; raw?: string; headers?: Record<string, string> }
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON came back and asserts on it
export type Answer = { status: number; headers: Headers; json: any }

/** Calls an endpoint as the gateway would and reads the JSON answer. */
export async function call(
  endpoint: Endpoint,
  method: string,
  path: string,
  { actor, body, raw, headers }: CallOptions = {},
): Promise<Answer> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await endpoint(
    new Request(`http://credenza.test${path}`, {
      method,
      headers: {
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...(actor ? as(actor) : {}),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    }),
  )
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, json: isJson && text ? JSON.parse(text) : text }
}
