import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { type Instant, iso, newId, type UserId } from '../../shared/contracts/ids'
import { anEvent } from '../../shared/testing/factories'
import { ingestRepo } from './ingest-repo'
import { quarter } from './periods'
import { lowContributions } from './stock'
import { aDashboard } from './testing/fixtures'
import { seededRandom } from './testing/random-market'

const begin = Date.UTC(2026, 2, 10)

/** A product with one variant, and the events of its stock and its status. */
function aProduct(sellerId: UserId) {
  const [productId, variantId] = [newId('prd'), newId('var')]
  const of = { productId, sellerId }
  return {
    stock: (version: number, availability: 'in' | 'low' | 'out', at: Instant) =>
      anEvent(
        'stock.changed',
        variantId,
        { ...of, version, variantId, availability, previous: 'in', available: 1 },
        { time: iso(at) },
      ),
    status: (version: number, status: 'draft' | 'active' | 'archived', at: Instant) =>
      anEvent(
        'product.updated',
        productId,
        { ...of, version, change: 'updated', title: 'Desk', status, variants: [] },
        { time: iso(at) },
      ),
  }
}

it.each([1, 2, 3, 4, 5])(
  'counts low variants as the whole history does, in any order and with clocks that disagree (seed %i)',
  async (seed) => {
    const random = seededRandom(seed)
    const { owner, stub } = await aDashboard()
    const product = aProduct(owner as UserId)
    // Times rise with versions on the whole, but often not from one version to the next.
    const moment = (version: number) => begin + (version * 2 + random.below(9)) * quarter
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
    const levels = upTo(40).map((version) => ({
      version,
      at: moment(version),
      value: random.pick(['in', 'low', 'out'] as const),
    }))
    const statuses = upTo(20).map((version) => ({
      ...{ version, at: moment(version * 2), value: random.pick(['active', 'active', 'draft', 'archived'] as const) },
    }))
    const events = [
      ...levels.map(({ version, value, at }) => product.stock(version, value, at)),
      ...statuses.map(({ version, value, at }) => product.status(version, value, at)),
    ]
    for (const event of random.shuffled([...events, ...events.slice(0, 20)])) await stub.ingest([event])
    const changes = lowContributions(levels, statuses)
    const edges = upTo(120).map((count) => begin + count * quarter)
    const { low } = await stub.overview(
      edges.map((until) => ({ from: begin, until })),
      begin,
      5,
    )
    expect(low).toEqual(edges.map((edge) => changes.filter(({ at }) => at < edge).reduce((all, { amount }) => all + amount, 0)))
    const isLow = changes.reduce((all, { amount }) => all + amount, 0) === 1
    expect((await stub.lowStock(begin, null, 5)).items).toHaveLength(isLow ? 1 : 0)
  },
)

it('reads no more rows of a long history than of a short one for a new event', async () => {
  const { owner, stub } = await aDashboard()
  const rowsRead = (length: number) =>
    runInDurableObject(stub, (_dashboard, { storage: { sql } }) => {
      const cursors: { rowsRead: number }[] = []
      const counted = { exec: (...query: Parameters<SqlStorage['exec']>) => cursors[cursors.push(sql.exec(...query)) - 1] }
      const repo = ingestRepo(counted as unknown as SqlStorage, owner)
      const product = aProduct(owner as UserId)
      const ingest = (version: number) => {
        repo.stock(product.stock(version, version % 2 ? 'low' : 'in', begin + version * quarter))
        repo.product(product.status(version, version % 2 ? 'draft' : 'active', begin + version * quarter))
      }
      for (let version = 1; version <= length; version++) if (version !== length - 3) ingest(version)
      cursors.length = 0
      // The next version, and a late one.
      ingest(length + 1)
      ingest(length - 3)
      return cursors.reduce((all, cursor) => all + cursor.rowsRead, 0)
    })
  const few = await rowsRead(10)
  expect(few).toBeGreaterThan(10)
  expect(await rowsRead(1_000)).toBeLessThanOrEqual(few)
})
