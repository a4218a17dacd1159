import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { Envelope, WorkerName } from '../../contracts/events'
import type { Instant } from '../../contracts/ids'
import type { Waiting } from './inboxes'
import { consumers, marketplace } from './marketplace'
import { type Member, members } from './modules'
import { pending } from './store'

/** Which Worker runs the Durable Objects of a binding. */
const owners: Record<string, Member> = {
  CARTS: 'cart',
  SANDBOX: 'payment',
  SESSIONS: 'notification',
  DASHBOARDS: 'seller-dashboard',
  SEARCH: 'ai-buddy',
}
/** Alarms of the others only forget what is old. */
const ringing = ['CARTS', 'SANDBOX']

const minute = 60_000
/** Later than any alarm that would ring by itself: from here on only `ring` rings. */
const start: Instant = Date.UTC(2100, 0, 1)

/** Stops the clock where no alarm rings by itself; timers run on. What Workers log of faults made on purpose is kept from the console. */
export function freezeClock(): void {
  vi.useFakeTimers({ now: start, toFake: ['Date'] })
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {})
}

export const advance = (milliseconds: number): void => void vi.setSystemTime(Date.now() + milliseconds)

const stubOf = (binding: string, name: string): DurableObjectStub =>
  (env as unknown as Record<string, DurableObjectNamespace>)[binding]?.getByName(name) as DurableObjectStub

/** The Durable Objects of Workers that died begin anew, as the platform has them do. */
export async function restartWorkers(): Promise<void> {
  for (const worker of marketplace.takeDead()) {
    for (const [binding, names] of marketplace.touched()) {
      if (owners[binding] === worker) {
        // One that does not run at all remembers nothing either.
        await Promise.all([...names].map((name) => evictDurableObject(stubOf(binding, name)).catch(() => {})))
      }
    }
  }
}

type Acknowledgement = { acked: boolean; delaySeconds?: number }

/** Delivers messages that are due to a Worker, all in one batch. Returns how many. */
export async function deliver(worker: WorkerName, atMost = 10, order = (taken: Waiting[]) => taken): Promise<number> {
  const { inboxes, deliveryLedger } = marketplace
  const taken = order(inboxes.take(worker, atMost))
  if (taken.length === 0) return 0
  const settled = new Map<string, Acknowledgement>()
  const messages = taken.map(({ id, body, attempts }) => ({
    ...{ id, attempts, timestamp: new Date(), body: structuredClone(body) },
    ack: () => void settled.set(id, { acked: true }),
    retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) => void settled.set(id, { acked: false, delaySeconds }),
  }))
  const queue = `credenza-${worker}${taken[0]?.parked ? '-dlq' : ''}`
  const batch = { queue, messages, ackAll: () => {}, retryAll: () => {}, metadata: {} }
  await marketplace.queue(worker as Member, batch as unknown as MessageBatch).catch(() => {})
  for (const message of taken) {
    const { acked, delaySeconds } = settled.get(message.id) ?? { acked: false }
    deliveryLedger.delivered(worker, message.body as Envelope, acked)
    if (!acked) inboxes.putBack(worker, message, delaySeconds)
  }
  await restartWorkers()
  return taken.length
}

/** Delivers whatever is due to these, and what comes of it. Returns how many deliveries that took. */
export async function drain(workers: readonly WorkerName[] = consumers): Promise<number> {
  let all = 0
  for (let before = -1; before !== all; ) {
    before = all
    for (const worker of workers) all += await deliver(worker)
  }
  return all
}

/** Rings the alarms that are set, whatever the hour. One that fails is set again, as the platform does. */
export async function runAlarms(): Promise<void> {
  for (const binding of ringing) {
    for (const name of marketplace.awake().get(binding) ?? []) {
      const stub = stubOf(binding, name)
      try {
        if (!(await runDurableObjectAlarm(stub))) marketplace.fellAsleep(binding, name)
      } catch {
        await restartWorkers()
        await runInDurableObject(stub, (_instance, { storage }) => storage.setAlarm(Date.now()))
      }
    }
  }
  await restartWorkers()
}

/** What cron does, in every Worker or in some. */
export async function sweep(workers: readonly Member[] = members): Promise<void> {
  for (const worker of workers) {
    await marketplace.scheduled(worker).catch(() => {})
    await restartWorkers()
  }
}

/** The pauses between rounds: locks and leases run out first, then what nobody paid for. */
const pauses = [61_000, 61_000, 31 * minute, 61_000, 61_000, 5 * minute, 61_000, 61_000, 31 * minute, 61_000, 61_000]

/** Lets everything come to rest. @throws when something still moves after hours */
export async function runUntilIdle(): Promise<void> {
  marketplace.resumeScenarios()
  for (const pause of [...pauses, null]) {
    await runAlarms()
    await drain()
    await sweep()
    await drain()
    const left = await pending()
    if (marketplace.inboxes.isEmpty() && left.length === 0) {
      marketplace.forget()
      return
    }
    if (pause === null) throw new Error(`Something never comes to rest: ${left.slice(0, 5).join('; ') || 'an inbox'}`)
    advance(pause)
  }
}
