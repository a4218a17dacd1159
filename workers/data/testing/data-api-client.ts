import { env, exports } from 'cloudflare:workers'
import { app } from '../routes'

type Sent = { headers?: Record<string, string>; method?: string }
export type Answered = { status: number; type: string | null; headers: Headers; json: Record<string, unknown> }

export const pathOf = (action: string) => `http://data/app/any/endpoint/data/v1/action/${action}`

/** Sends a body as it is. The given headers replace the usual ones; an empty value removes a header. */
export async function send(action: string, body: string | Uint8Array | ReadableStream, sent: Sent = {}): Promise<Answered> {
  const headers = { apiKey: env.DATA_API_KEY, 'content-type': 'application/json', ...sent.headers }
  return answered(
    await exports.default.fetch(pathOf(action), {
      method: sent.method ?? 'POST',
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
      ...(sent.method === 'GET' ? {} : { body }),
    }),
  )
}

export async function answered(response: Response): Promise<Answered> {
  const { status, headers } = response
  return { status, headers, type: headers.get('content-type'), json: await response.json() }
}

/** Calls an action on one collection as an outside client does. */
export const client =
  (collection: string, headers: Record<string, string> = {}) =>
  (action: string, body: object = {}): Promise<Answered> =>
    send(action, JSON.stringify({ dataSource: 'mongodb-atlas', database: 'todo', collection, ...body }), { headers })

/** The answer to a find when the database runs this function. */
export async function findOver(run: (...call: unknown[]) => Promise<unknown>, body: object = {}, accept = ''): Promise<Answered> {
  const database = { ...env, DATABASE: { getByName: () => ({ run }) } } as unknown as typeof env
  const headers = { apiKey: env.DATA_API_KEY, 'content-type': 'application/json', accept }
  const place = { dataSource: 'mongodb-atlas', database: 'todo', collection: 'tasks' }
  const request = new Request(pathOf('find'), { method: 'POST', headers, body: JSON.stringify({ ...place, ...body }) })
  return answered(await app.fetch(request, database))
}
