import { expect, it } from 'vitest'
import type { Actor } from '../contracts/actor'
import { newId } from '../contracts/ids'
import type { Access } from '../http/authorise'
import type { Idempotency } from '../http/idempotency-route'
import { anActor } from './factories'
import { call, type Endpoint } from './http'

/** A request that succeeds; what is absent is as in the case. `other` is a body that makes it another request. */
export type Working = { path?: string; actor?: Actor; body?: unknown; headers?: Record<string, string>; other?: unknown }

type Keyed = {
  route: string
  access: Access
  idempotency: Idempotency
  path: string
  headers?: Record<string, string>
  body?: Record<string, unknown>
  works?: () => Promise<Working>
}

/** What an Idempotency-Key does on a route that heeds one. */
export function attackKeys(endpoint: Endpoint, each: Keyed): void {
  const { route, access, idempotency, path, works } = each
  const method = route.split(' ')[0] ?? 'POST'
  const anybody = access === 'public' ? undefined : anActor(typeof access === 'string' ? 'buyer' : (access.at(-1) ?? 'buyer'))
  const send = (working: Working, key: string | undefined, more: Record<string, string> = {}) => {
    const { actor = anybody, body = each.body } = working
    return call(endpoint, method, working.path ?? path, {
      ...(actor ? { actor } : {}),
      ...(body === undefined ? {} : { body }),
      headers: { ...each.headers, ...working.headers, ...(key === undefined ? {} : { 'idempotency-key': key }), ...more },
    })
  }

  it('refuses an Idempotency-Key that cannot be one', async () => {
    const unusable = ['two words', 'k'.repeat(201), 'tab\tbed', ...(access === 'public' ? ['k'.repeat(15)] : [])]
    for (const key of unusable) {
      const { status, json } = await send({}, key)
      expect([status, json.code], key).toEqual([400, 'bad_request'])
    }
  })

  if (idempotency === 'required') {
    it('requires an Idempotency-Key', async () => {
      const { 'idempotency-key': _key, ...headers } = each.headers ?? {}
      const { status, json } = await call(endpoint, method, path, {
        ...(anybody ? { actor: anybody } : {}),
        ...(each.body ? { body: each.body } : {}),
        headers,
      })
      expect([status, json.code]).toEqual([400, 'idempotency_key_required'])
    })
  }

  it('answers a repeat under its Idempotency-Key with the same bytes, and does not take it for another request', async () => {
    if (!works) throw new Error(`${route} needs a request that works`)
    const working = await works()
    const key = newId('req')
    const first = await send(working, key)
    expect([first.status < 300, first.headers.get('idempotency-replayed')], JSON.stringify(first.json)).toEqual([true, null])
    const again = await send(working, key)
    expect([again.status, again.json, again.headers.get('idempotency-replayed')]).toEqual([first.status, first.json, 'true'])
    for (const name of ['content-type', 'etag', 'location', 'cache-control', 'set-cookie'])
      expect(again.headers.get(name), name).toBe(first.headers.get(name))

    const others = [send(working, key, { 'if-match': '"987654321"' })]
    if (working.other !== undefined) others.push(send({ ...working, body: working.other }, key))
    for (const { status, json } of await Promise.all(others)) expect([status, json.code]).toEqual([422, 'idempotency_key_reused'])
    const stranger = access === 'public' ? {} : { actor: anActor((working.actor ?? anybody)?.role ?? 'buyer') }
    const elsewhere: Record<string, string> = access === 'public' ? { 'x-credenza-address': '198.51.100.7' } : {}
    const theirs = await send({ ...working, ...stranger }, key, elsewhere)
    expect(theirs.headers.get('idempotency-replayed')).toBeNull()
  })
}
