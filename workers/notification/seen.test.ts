import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { consumer } from '../../shared/events/consume'
import { deliver } from '../../shared/testing/queue'
import type { Deps } from './deps'
import { handlers } from './events'
import { aCartEvent, aWorld, type World } from './testing/fixtures'

const events = Array.from({ length: 3 }, (_, index) => aCartEvent(newId('usr'), newId('crt'), index + 1))

/** Delivers events as one batch to a consumer that notes what it sees. */
const deliverTogether = (world: World, bodies: readonly unknown[], seen = world.deps.seen) =>
  deliver(
    consumer('notification', handlers, () => world.deps, {
      seen: (all, deps: Deps) => seen.note(all, deps.now()),
    }),
    env,
    'notification',
    bodies,
  )

describe('the record of events', () => {
  it('costs one write for a whole batch, of which it notes what are events', async () => {
    const world = aWorld()
    await deliverTogether(world, [...events])
    expect(world.store.trips).toBe(1)
    const noted = await world.deps.seen.page(undefined, 100)
    expect(noted.map(({ _id }) => _id).sort()).toEqual(events.map(({ id }) => id).sort())
  })

  it('notes the events of a batch in which something is none', async () => {
    const world = aWorld()
    const [event] = events
    const { acked } = await deliverTogether(world, ['nonsense', { ...event, id: newId('evt') }])
    expect(acked).toEqual(['m0', 'm1'])
    expect(await world.deps.seen.page(undefined, 100)).toHaveLength(events.length + 1)
  })

  it('holds up no event when it fails', async () => {
    const world = aWorld()
    const note = () => Promise.reject(new Error('does not answer'))
    const { acked } = await deliverTogether(world, [...events], { ...world.deps.seen, note })
    expect(acked).toHaveLength(events.length)
  })
})
