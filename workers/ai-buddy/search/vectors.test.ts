import { afterEach, describe, expect, it, vi } from 'vitest'
import { maxChunks } from './chunks'
import type { SearchFilters } from './passage'
import type { VectorBindings, VectorMetadata, Vectors } from './vector-store'
import { keyOf, vectorsFrom } from './vectors'

/** The contents of a fake store: a text is near to a question with which it shares words. */
type Held = Map<string, { text: string; metadata: Record<string, unknown> }>
type FakeStore = { env: VectorBindings; held: Held; fail: (how: 'down' | 'refused' | 'garbage' | null) => void; seen: Request[] }

const nearness = (question: string, text: string) =>
  new Set(question.split(' ').filter((word) => text.toLowerCase().split(/\W+/u).includes(word.toLowerCase()))).size

const nearest = (held: Held, question: string, limit: number, accepts: (metadata: Record<string, unknown>) => boolean) =>
  [...held]
    .filter(([, { text, metadata }]) => nearness(question, text) > 0 && accepts(metadata))
    .sort(([, a], [, b]) => nearness(question, b.text) - nearness(question, a.text))
    .slice(0, limit)
    .map(([id]) => ({ id, score: 0.5 }))

/** Vectorize, and Workers AI, which here embeds a text as its index in a list. */
function onVectorize(): FakeStore {
  const held: Held = new Map()
  const texts: string[] = []
  let failure: string | null = null
  const fail: FakeStore['fail'] = (how) => {
    failure = how
  }
  const guard = () => {
    if (failure === 'down') throw new TypeError('Network connection lost.')
    if (failure === 'refused') throw new Error('VECTOR_QUERY_ERROR (code = 40006)')
  }
  const AI = {
    run: async (model: string, { text }: { text: string[] }) => {
      guard()
      expect(model).toBe('@cf/a-model')
      if (failure === 'garbage') return { data: [] }
      return { shape: [text.length, 1], data: text.map((each) => [texts.push(each) - 1]), pooling: 'cls' }
    },
  }
  const VECTORS = {
    upsert: async (vectors: VectorizeVector[]) => {
      for (const { id, values, metadata } of vectors) {
        expect(new TextEncoder().encode(id).length).toBeLessThanOrEqual(64)
        held.set(id, { text: texts[values[0] as number] ?? '', metadata: metadata as Record<string, unknown> })
      }
      return { mutationId: 'm' }
    },
    deleteByIds: async (ids: string[]) => {
      for (const id of ids) held.delete(id)
      return { mutationId: 'm' }
    },
    query: async ([place]: number[], { topK, filter = {} }: VectorizeQueryOptions) => {
      guard()
      const accepts = (metadata: Record<string, unknown>) =>
        Object.entries(filter).every(([name, value]) => metadata[name] === value)
      const matches = nearest(held, texts[place as number] ?? '', topK ?? 5, accepts)
      return { matches, count: matches.length }
    },
  }
  const env = { EMBEDDING_MODEL: '@cf/a-model', AI, VECTORS } as unknown as VectorBindings
  return { env, held, seen: [], fail }
}

/** The REST endpoint of Upstash Vector, with an index that embeds. */
function onUpstash(): FakeStore {
  const held: Held = new Map()
  const seen: Request[] = []
  let failure: string | null = null
  const fail: FakeStore['fail'] = (how) => {
    failure = how
  }
  const answers: Record<string, (body: never) => unknown> = {
    '/upsert-data': (body: { id: string; data: string; metadata: Record<string, unknown> }[]) => {
      for (const { id, data, metadata } of body) held.set(id, { text: data, metadata })
      return 'Success'
    },
    '/delete': ({ ids }: { ids: string[] }) => ({ deleted: ids.filter((id) => held.delete(id)).length }),
    '/query-data': ({ data, topK, filter = '' }: { data: string; topK: number; filter?: string }) => {
      const parts = filter === '' ? [] : filter.split(' AND ')
      const wanted = parts.map((part) => /^(\w+) = '([^']*)'$/u.exec(part) ?? expect.fail(`no filter: ${part}`))
      return nearest(held, data, topK, (metadata) => wanted.every(([, name = '', value]) => metadata[name] === value))
    },
  }
  vi.stubGlobal('fetch', async (input: string, init: RequestInit) => {
    const request = new Request(input, init as never)
    seen.push(request)
    if (failure === 'down') throw new TypeError('Network connection lost.')
    if (failure === 'refused') return Response.json({ error: 'Unauthorized', status: 401 }, { status: 401 })
    if (failure === 'garbage') return new Response('<html>bad gateway', { status: 502 })
    const { pathname } = new URL(request.url)
    const answer = answers[pathname] ?? expect.fail(`no such endpoint: ${pathname}`)
    return Response.json({ result: answer((await request.json()) as never) })
  })
  const env = { EMBEDDING_MODEL: '', UPSTASH_VECTOR_REST_URL: 'https://vectors.test', UPSTASH_VECTOR_REST_TOKEN: 'secret' }
  return { env, held, seen, fail }
}

afterEach(() => void vi.unstubAllGlobals())

const product: VectorMetadata = { kind: 'product', category: 'furniture', seller: 'usr_1' }
const passages = (source: string, ...texts: string[]) => texts.map((text, place) => ({ key: keyOf(source, place), text }))

describe.each([
  ['Vectorize', onVectorize],
  ['Upstash Vector', onUpstash],
])('%s', (_name, fake) => {
  const aStore = () => {
    const store = fake()
    return { ...store, vectors: vectorsFrom(store.env) as Vectors }
  }

  it('finds the nearest first, as many as were asked for', async () => {
    const { vectors } = aStore()
    await vectors.put('prd_1', product, passages('prd_1', 'a walnut desk', 'an oak table'))
    await vectors.put('prd_2', product, passages('prd_2', 'a walnut desk with drawers'))
    expect(await vectors.query('walnut desk drawers', {}, 10)).toEqual(['prd_2#0', 'prd_1#0'])
    expect(await vectors.query('walnut desk drawers', {}, 1)).toEqual(['prd_2#0'])
    expect(await vectors.query('nothing of that', {}, 10)).toEqual([])
  })

  it('keeps only the passages of a source that were put last', async () => {
    const { vectors, held } = aStore()
    await vectors.put('prd_1', product, passages('prd_1', ...Array.from({ length: maxChunks }, (_, place) => `part ${place}`)))
    await vectors.put('prd_2', product, passages('prd_2', 'another'))
    await vectors.put('prd_1', product, passages('prd_1', 'desk', 'drawer'))
    expect([...held.keys()].sort()).toEqual(['prd_1#0', 'prd_1#1', 'prd_2#0'])
    expect(held.get('prd_1#0')?.text).toBe('desk')
    await vectors.put('prd_1', product, [])
    expect([...held.keys()]).toEqual(['prd_2#0'])
  })

  it('narrows by kind, category and seller', async () => {
    const { vectors } = aStore()
    await vectors.put('prd_1', product, passages('prd_1', 'desk'))
    await vectors.put('prd_2', { ...product, category: 'office', seller: 'usr_2' }, passages('prd_2', 'desk'))
    await vectors.put('desks', { kind: 'article' }, passages('desks', 'desk'))
    const found = async (filters: SearchFilters) => (await vectors.query('desk', filters, 10)).sort()
    expect(await found({})).toEqual(['desks#0', 'prd_1#0', 'prd_2#0'])
    expect(await found({ kinds: ['product'] })).toEqual(['prd_1#0', 'prd_2#0'])
    expect(await found({ kinds: ['article'], category: 'office' })).toEqual(['desks#0'])
    expect(await found({ kinds: ['product'], category: 'office' })).toEqual(['prd_2#0'])
    expect(await found({ kinds: ['product'], sellerId: 'usr_1' })).toEqual(['prd_1#0'])
  })

  it('is not asked to filter by a category that contains a quote', async () => {
    const { vectors } = aStore()
    await vectors.put('prd_1', product, passages('prd_1', 'desk'))
    const hostile = "x' OR kind = 'article"
    expect(await vectors.query('desk', { kinds: ['product'], category: hostile }, 10)).toEqual(['prd_1#0'])
  })

  it.each(['down', 'refused', 'garbage'] as const)('that is %s throws unavailable and says when to retry', async (how) => {
    const { vectors, fail } = aStore()
    fail(how)
    const expected = { code: 'unavailable', meta: { retryAfter: expect.any(Number) } }
    await expect(vectors.query('desk', {}, 10)).rejects.toMatchObject(expected)
    await expect(vectors.put('prd_1', product, passages('prd_1', 'desk'))).rejects.toMatchObject(expected)
  })
})

describe('the store of a deployment', () => {
  it('is none by default', () => expect(vectorsFrom({ EMBEDDING_MODEL: 'm' })).toBeNull())
  it('is none where half of the configuration is missing', () => {
    const { env } = onVectorize()
    expect(vectorsFrom({ ...env, VECTORS: undefined } as unknown as VectorBindings)).toBeNull()
    expect(vectorsFrom({ EMBEDDING_MODEL: 'm', UPSTASH_VECTOR_REST_URL: 'https://vectors.test' })).toBeNull()
  })
  it('sends the token to Upstash and nowhere else', async () => {
    const { env, seen } = onUpstash()
    await vectorsFrom(env)?.query('desk', {}, 1)
    expect(seen.map(({ url }) => url)).toEqual(['https://vectors.test/query-data'])
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer secret')
  })
})
