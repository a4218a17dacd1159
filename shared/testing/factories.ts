import { type Actor, actorHeader, encodeActor, type Role } from '../contracts/actor'
import type { Envelope, EventData, EventName } from '../contracts/events'
import { events } from '../contracts/events'
import { type Instant, iso, newId } from '../contracts/ids'

/** Somebody new, signed in under a role. */
export const anActor = (role: Role, overrides: Partial<Actor> = {}): Actor => ({
  userId: newId('usr'),
  sessionId: newId('ses'),
  role,
  name: `A ${role}`,
  ...overrides,
})

/** The headers that the gateway adds for an actor. */
export const as = (actor: Actor): Record<string, string> => ({ [actorHeader]: encodeActor(actor) })

/** An event as its publisher would send it. */
export function anEvent<E extends EventName>(
  type: E,
  subject: string,
  data: EventData<E>,
  overrides: Partial<Envelope<E>> = {},
): Envelope<E> {
  return {
    specversion: '1.0',
    id: newId('evt'),
    source: `/workers/${events[type].from}`,
    type,
    subject,
    time: iso(Date.UTC(2026, 0, 1)),
    datacontenttype: 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    dataversion: 1,
    data,
    ...overrides,
  } as Envelope<E>
}

/** What order.canceled says of an order that nobody has paid. */
export const canceledOrder = (): EventData<'order.canceled'> => ({
  ...{ version: 2, orderId: newId('ord'), number: 'C-1', buyerId: newId('usr'), email: null, status: 'canceled' },
  ...{ sellerIds: [newId('usr')], grand: { amount: 100, currency: 'USD' }, reason: 'buyer', wasPaid: false, items: [] },
})

export const aCanceledOrder = (): Envelope<'order.canceled'> => anEvent('order.canceled', newId('ord'), canceledOrder())

/** A clock that moves only when a test moves it. */
export function aClock(start: Instant = Date.UTC(2026, 0, 1)) {
  let instant = start
  const now = () => instant
  return Object.assign(now, {
    advance: (milliseconds: number) => {
      instant += milliseconds
    },
  })
}

/** A publisher that records, and fails while `down` is set. */
export function aPublisher() {
  const sent: Envelope[] = []
  const publisher = {
    sent,
    down: false,
    publish: async (envelopes: readonly Envelope[]): Promise<void> => {
      if (publisher.down) throw new Error('the queue is down')
      sent.push(...envelopes)
    },
    ofType: <E extends EventName>(type: E): Envelope<E>[] =>
      sent.filter((event) => event.type === type) as unknown as Envelope<E>[],
  }
  return publisher
}
