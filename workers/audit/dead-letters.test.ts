import { beforeEach, describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../shared/contracts/audit'
import { AppError } from '../../shared/contracts/errors'
import { consumers, type Envelope, type WorkerName } from '../../shared/contracts/events'
import { newId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { aCanceledOrder } from '../../shared/testing/factories'
import { discard, forgetDeadLetters, listDeadLetters, redrive, redriveAll } from './dead-letters'
import { type Deps, deadLettersBinding } from './deps'
import { allRows, anAuditor, emptyLog, stockChanged } from './testing/fixtures'

let auditor = anAuditor()
const by = newId('usr')
beforeEach(async () => {
  auditor = anAuditor()
  await emptyLog(auditor)
  await auditor.deadLetters('audit').deleteMany({})
})

const deadLetterOf = (id: string) =>
  auditor.deadLetters(id.split(':')[0] as WorkerName).findOne({ _id: id }) as Promise<DeadLetter>
const stateOf = async (id: string) => (await deadLetterOf(id)).state

describe('redriving a dead letter', () => {
  it('puts the message into the inbox unchanged, under its own id, and records that in the log', async () => {
    const event = aCanceledOrder()
    const id = await auditor.parked('order', event)
    expect(await redrive(auditor.deps, by, id)).toMatchObject({ state: 'redriven', settled: { by, reason: null } })
    expect(auditor.inbox('order').messages).toEqual([event])
    expect(consumers.filter((worker) => auditor.inbox(worker).messages.length > 0)).toEqual(['order'])
    expect(
      (await allRows(auditor)).map(({ type, subject, userId, envelope: { data } }) => ({ type, subject, userId, data })),
    ).toEqual([
      { type: 'dead_letters.redriven', subject: id, userId: by, data: { version: 1, worker: 'order', deadLetterIds: [id], by } },
    ])
  })

  it('works for a dead letter of audit itself, and for a message that is not an event', async () => {
    const id = await auditor.parked('audit', stockChanged())
    const odd = { not: 'an event' } as unknown as Envelope
    const oddId = await auditor.parked('product', odd)
    for (const each of [id, oddId]) expect(await redrive(auditor.deps, by, each)).toMatchObject({ state: 'redriven' })
    expect(auditor.inbox('product').messages).toEqual([odd])
    expect(auditor.inbox('audit').messages).toHaveLength(1)
  })

  it('records the redrive in the log before it sends anything', async () => {
    const id = await auditor.parked('order', aCanceledOrder())
    const failing: Deps = {
      ...auditor.deps,
      log: { ...auditor.deps.log, append: () => Promise.reject(new AppError('unavailable')) },
    }
    await expect(redrive(failing, by, id)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(discard(failing, by, id, 'no')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(redriveAll(failing, by, {})).rejects.toMatchObject({ code: 'unavailable' })
    expect([await stateOf(id), auditor.inbox('order').messages]).toEqual(['waiting', []])
  })

  it('can be repeated after a crash between claim and send', async () => {
    const id = await auditor.parked('order', aCanceledOrder())
    auditor.inbox('order').down = true
    await expect(redrive(auditor.deps, by, id)).rejects.toThrow('down')
    expect(await stateOf(id)).toBe('redriving')
    auditor.inbox('order').down = false
    expect(await redrive(auditor.deps, by, id)).toMatchObject({ state: 'redriven' })
    expect(auditor.inbox('order').messages).toHaveLength(1)
  })

  it('leaves a message waiting that fails again, even while it is being marked as redriven', async () => {
    const event = aCanceledOrder()
    const id = await auditor.parked('order', event)
    await redrive(auditor.deps, by, id)
    await auditor.parked('order', event)
    expect(await deadLetterOf(id)).toMatchObject({ state: 'waiting', parked: 2, settled: null })
    const at = auditor.clock()
    const claimed = await auditor.api('order').claim([id], { by, at, reason: null })
    await auditor.parked('order', event)
    await auditor.api('order').markRedriven(claimed)
    expect(await stateOf(id)).toBe('waiting')
    // Nor does the first redrive mark the claim of a later one, which has not sent yet.
    await auditor.api('order').claim([id], { by, at, reason: null })
    await auditor.api('order').markRedriven(claimed)
    expect(await stateOf(id)).toBe('redriving')
  })

  it('by several operators at once does no harm', async () => {
    const id = await auditor.parked('order', aCanceledOrder())
    const results = await Promise.allSettled([1, 2, 3].map(() => redrive(auditor.deps, by, id)))
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'invalid_state' })
    expect(await stateOf(id)).toBe('redriven')
    expect(new Set(auditor.inbox('order').messages.map((message) => (message as Envelope).id)).size).toBe(1)
  })

  it('refuses dead letters that are resolved already or unknown', async () => {
    const [redriven, discarded] = [
      await auditor.parked('order', aCanceledOrder()),
      await auditor.parked('order', aCanceledOrder()),
    ]
    await redrive(auditor.deps, by, redriven)
    await discard(auditor.deps, by, discarded, 'obsolete')
    for (const id of [redriven, discarded]) {
      await expect(redrive(auditor.deps, by, id)).rejects.toMatchObject({ code: 'invalid_state' })
      await expect(discard(auditor.deps, by, id, 'again')).rejects.toMatchObject({ code: 'invalid_state' })
    }
    await expect(redrive(auditor.deps, by, 'order:evt_1')).rejects.toMatchObject({ code: 'not_found' })
    await expect(discard(auditor.deps, by, 'order:evt_1', 'no')).rejects.toMatchObject({ code: 'not_found' })
    expect(auditor.inbox('order').messages).toHaveLength(1)
  })
})

describe('redriving all dead letters', () => {
  it('redrives a hundred, oldest first, and says whether more wait', async () => {
    const ids: string[] = []
    for (let count = 0; count < 103; count++) {
      ids.push(await auditor.parked('order', aCanceledOrder()))
      auditor.clock.advance(1)
    }
    expect(await redriveAll(auditor.deps, by, {})).toEqual({ deadLetterIds: ids.slice(0, 100), more: true })
    expect(await redriveAll(auditor.deps, by, {})).toEqual({ deadLetterIds: ids.slice(100), more: false })
    expect(await redriveAll(auditor.deps, by, {})).toEqual({ deadLetterIds: [], more: false })
    expect(
      auditor
        .inbox('order')
        .messages.map((message) => `order:${(message as Envelope).id}`)
        .sort(),
    ).toEqual(ids.sort())
  })

  it('redrives those of one Worker or one type, including redrives that broke off', async () => {
    const order = await auditor.parked('order', aCanceledOrder())
    const product = await auditor.parked('product', stockChanged())
    const cart = await auditor.parked('cart', stockChanged())
    await auditor.api('cart').claim([cart], { by, at: auditor.clock(), reason: null })
    expect((await redriveAll(auditor.deps, by, { worker: 'product', type: 'order.canceled' })).deadLetterIds).toEqual([])
    expect((await redriveAll(auditor.deps, by, { type: 'stock.changed' })).deadLetterIds.sort()).toEqual([cart, product].sort())
    expect((await redriveAll(auditor.deps, by, { worker: 'order' })).deadLetterIds).toEqual([order])
    for (const id of [order, product, cart]) expect(await stateOf(id)).toBe('redriven')
    expect(await allRows(auditor)).toHaveLength(3)
  })

  it('of all Workers makes no more calls than the platform allows', async () => {
    for (const worker of consumers) await auditor.parked(worker, aCanceledOrder())
    let calls = 0
    const counting: Deps = {
      ...auditor.deps,
      consumerOf: (worker) => {
        const { inbox, deadLetters } = auditor.deps.consumerOf(worker)
        const counted = new Proxy(deadLetters, {
          get: (target, verb: keyof typeof deadLetters) => {
            calls += 1
            return target[verb]
          },
        })
        return { inbox, deadLetters: counted }
      },
    }
    const redriven: string[] = []
    for (let more = true; more; ) {
      auditor.store.calls = 0
      calls = 0
      const step = await redriveAll(counting, by, {})
      expect(calls + auditor.store.calls).toBeLessThanOrEqual(maxCalls)
      redriven.push(...step.deadLetterIds)
      more = step.more
    }
    expect(redriven).toHaveLength(consumers.length)
  })
})

describe('the list of all Workers', () => {
  const without = (missing: readonly WorkerName[]): Deps => ({
    ...auditor.deps,
    consumerOf: (worker) => {
      const { inbox, deadLetters } = auditor.deps.consumerOf(worker)
      const list = () => Promise.reject(new AppError('unavailable'))
      return { inbox, deadLetters: missing.includes(worker) ? { ...deadLetters, list } : deadLetters }
    },
  })

  it('names a Worker that does not answer, and lists the dead letters of the others', async () => {
    const id = await auditor.parked('order', aCanceledOrder())
    const { found, missing } = await listDeadLetters(without(['cart']), { type: 'order.canceled' }, undefined, 10)
    expect([found.map(({ _id }) => _id), missing]).toEqual([[id], ['cart']])
  })

  it('fails when no Worker answers, or the requested one does not', async () => {
    await expect(listDeadLetters(without(consumers), {}, undefined, 10)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(listDeadLetters(without(['cart']), { worker: 'cart' }, undefined, 10)).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})

it('deletes what was resolved a month ago, one Worker per minute, and nothing that waits', async () => {
  const [redriven, discarded, waiting, late] = [
    await auditor.parked('payment', aCanceledOrder()),
    await auditor.parked('cart', aCanceledOrder()),
    await auditor.parked('cart', aCanceledOrder()),
    await auditor.parked('cart', aCanceledOrder()),
  ]
  await redrive(auditor.deps, by, redriven)
  await discard(auditor.deps, by, discarded, 'obsolete')
  auditor.clock.advance(86_400_000)
  await discard(auditor.deps, by, late, 'obsolete')
  auditor.clock.advance(29 * 86_400_000 + 60_000)
  for (const _worker of consumers) {
    await forgetDeadLetters(auditor.deps)
    auditor.clock.advance(60_000)
  }
  expect([await deadLetterOf(redriven), await deadLetterOf(discarded)]).toEqual([null, null])
  expect([await stateOf(waiting), await stateOf(late)]).toEqual(['waiting', 'discarded'])
})

it('has a binding to the dead letters of every Worker that consumes events', () => {
  for (const worker of consumers.filter((each) => each !== 'audit'))
    expect(auditor.env).toHaveProperty(deadLettersBinding(worker))
})
