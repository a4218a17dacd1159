import type { Names } from './names.ts'

const fixturesOf = ({ worker, type, aNoun, text, path }: Names) => `import { env as bindings } from 'cloudflare:workers'
import type { Actor } from '../../../shared/contracts/actor'
import type { Envelope } from '../../../shared/contracts/events'
import { newId, type OrderId } from '../../../shared/contracts/ids'
import { aClock, anActor, anEvent, aPublisher } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { deliver } from '../../../shared/testing/queue'
import { depsFrom } from '../deps'
import worker from '../index'
import { app } from '../routes'

const env = bindings as unknown as ${type}Env

/** The ${text} Worker on the real document store, with a clock that stands and a publisher that records. */
export function aWorld() {
  const clock = aClock()
  const publisher = aPublisher()
  const endpoint = (request: Request) => app.fetch(request, env)
  return {
    ...{ clock, publisher, endpoint },
    deps: depsFrom(env, undefined, { now: clock, publish: publisher.publish }),
    receive: (...events: unknown[]) => deliver(worker.queue, env, '${worker}', events),
    list: async (actor: Actor, query = '') => (await call(endpoint, 'GET', \`${path}\${query}\`, { actor })).json,
    close: (actor: Actor, orderId: OrderId, note: string) =>
      call(endpoint, 'POST', \`${path}/\${orderId}/close\`, { actor, body: { note } }),
  }
}

/** The delivery of an order, as order publishes it. */
export const delivered = (orderId: OrderId, { userId: buyerId }: Actor): Envelope<'order.delivered'> =>
  anEvent('order.delivered', orderId, {
    ...{ version: 4, orderId, number: 'C-1', buyerId, email: null, status: 'delivered' },
    ...{ sellerIds: [], sellerId: newId('usr'), grand: { amount: 100, currency: 'USD' } },
  })

/** An open ${text}, and its buyer. */
export async function ${aNoun}(world: ReturnType<typeof aWorld>, buyer = anActor('buyer')) {
  const orderId = newId('ord')
  await world.receive(delivered(orderId, buyer))
  return { orderId, buyer }
}
`

const rulesTestOf = ({ worker, text, aText }: Names) => `import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { decide, evolve, opened } from './${worker}'

const [buyerId, orderId] = [newId('usr'), newId('ord')]
const open = opened(orderId, buyerId, 1_000)
const close = (by = buyerId, note = 'Good') => ({ type: 'close' as const, by, note })

describe('${aText}', () => {
  it('is closed by its buyer, with a note', () => {
    const [closed, ...more] = decide(open, close(), 2_000)
    expect([closed, more]).toEqual([{ type: 'closed', at: 2_000, note: 'Good' }, []])
    expect(closed && evolve(open, closed)).toEqual({
      ...{ _id: orderId, buyerId, openedAt: 1_000 },
      ...{ status: 'closed', note: 'Good', closedAt: 2_000 },
    })
  })

  it('stays as it is when it is closed again with the same note, and refuses another', () => {
    const closed = evolve(open, { type: 'closed', at: 2_000, note: 'Good' })
    expect(decide(closed, close(), 3_000)).toEqual([])
    expect(() => decide(closed, close(buyerId, 'Bad'), 3_000)).toThrow('The ${text} is closed')
  })

  it('does not exist for anybody else', () => {
    expect(() => decide(open, close(newId('usr')), 2_000)).toThrow(expect.objectContaining({ code: 'not_found' }))
  })
})
`

const commandsTestOf = ({ nouns, aText, event }: Names) => `import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { close, open } from './commands'
import { aWorld } from './testing/fixtures'

it('publishes that ${aText} was closed, once, and with the sweep when the queue was down', async () => {
  const { deps, publisher } = aWorld()
  const [orderId, buyerId] = [newId('ord'), newId('usr')]
  await open(deps, orderId, buyerId)
  publisher.down = true
  expect(await close(deps, orderId, buyerId, 'Good')).toMatchObject({ status: 'closed', note: 'Good' })
  publisher.down = false
  await deps.${nouns}.sweep(deps.publish)
  await deps.${nouns}.sweep(deps.publish)
  await close(deps, orderId, buyerId, 'Good')
  expect(publisher.ofType('${event}').map(({ data }) => data)).toEqual([{ version: 2, orderId }])
})

it('closes ${aText} once when two close it at the same time', async () => {
  const { deps, publisher } = aWorld()
  const [orderId, buyerId] = [newId('ord'), newId('usr')]
  await open(deps, orderId, buyerId)
  const outcomes = await Promise.allSettled(['Good', 'Bad'].map((note) => close(deps, orderId, buyerId, note)))
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(publisher.ofType('${event}')).toHaveLength(1)
})
`

const eventsTestOf = ({ worker, aNoun, text }: Names) => `import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { aCanceledOrder, anActor } from '../../shared/testing/factories'
import { ${aNoun}, aWorld, delivered } from './testing/fixtures'

it('opens one ${text} of an order, however often its delivery comes', async () => {
  const world = aWorld()
  const [orderId, buyer] = [newId('ord'), anActor('buyer')]
  const event = delivered(orderId, buyer)
  expect(await world.receive(event, event)).toEqual({ acked: ['m0', 'm1'], retried: [] })
  await world.receive(event, delivered(orderId, buyer))
  expect((await world.list(buyer)).items).toMatchObject([{ orderId, status: 'open', note: null }])
})

it('leaves a closed ${text} closed when the delivery comes again', async () => {
  const world = aWorld()
  const { orderId, buyer } = await ${aNoun}(world)
  await world.close(buyer, orderId, 'Good')
  await world.receive(delivered(orderId, buyer))
  expect((await world.list(buyer)).items).toMatchObject([{ orderId, status: 'closed', note: 'Good' }])
})

it('parks an event that it does not consume', async () => {
  const world = aWorld()
  const stray = aCanceledOrder()
  expect((await world.receive(stray)).acked).toEqual(['m0'])
  expect(await world.deps.deadLetters.findOne({ eventId: stray.id })).toMatchObject({ worker: '${worker}', state: 'waiting' })
})
`

const routesTestOf = ({ aNoun, texts, aText, path }: Names) => `import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { app } from './routes'
import { ${aNoun}, aWorld } from './testing/fixtures'

const world = aWorld()
const pathOf = (orderId: string) => \`${path}/\${orderId}/close\`

routeBattery(app, world.endpoint, [
  { route: 'GET ${path}', access: 'signed-in', path: '${path}' },
  {
    ...{ route: 'POST ${path}/{orderId}/close', access: 'signed-in', path: pathOf(newId('ord')), body: { note: 'Good' } },
    foreign: async () => ({ path: pathOf((await ${aNoun}(world)).orderId), actor: anActor('buyer') }),
    works: async () => {
      const { orderId, buyer } = await ${aNoun}(world)
      return { path: pathOf(orderId), actor: buyer, other: { note: 'Bad' } }
    },
  },
])

it('lists a buyer’s own ${texts}, each once, page by page', async () => {
  const buyer = anActor('buyer')
  const expected = [await ${aNoun}(world, buyer), await ${aNoun}(world, buyer), await ${aNoun}(world, buyer)]
  await ${aNoun}(world)
  const first = await world.list(buyer, '?limit=2')
  const second = await world.list(buyer, \`?limit=2&cursor=\${first.nextCursor}\`)
  const listed = [...first.items, ...second.items].map(({ orderId }: { orderId: string }) => orderId)
  expect(listed.sort()).toEqual(expected.map(({ orderId }) => orderId).sort())
  expect([first.items.length, second.nextCursor]).toEqual([2, null])
})

it('closes ${aText}', async () => {
  const { orderId, buyer } = await ${aNoun}(world)
  expect(await world.close(buyer, orderId, 'Good')).toMatchObject({
    status: 200,
    json: { orderId, status: 'closed', note: 'Good' },
  })
  expect(await world.close(buyer, orderId, 'Bad')).toMatchObject({ status: 409, json: { code: 'invalid_state' } })
})
`

/** The tests of a new Worker and what they share, by file. */
export const testFiles = (names: Names): Record<string, string> => ({
  'testing/fixtures.ts': fixturesOf(names),
  [`${names.worker}.test.ts`]: rulesTestOf(names),
  'commands.test.ts': commandsTestOf(names),
  'events.test.ts': eventsTestOf(names),
  'routes.test.ts': routesTestOf(names),
})
