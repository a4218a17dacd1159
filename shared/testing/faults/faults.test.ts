import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { storeBindings } from '../data'
import { faultyEnv } from './env'
import { faultyClass, faultyHandlers } from './handlers'
import { invoke } from './invocation'
import { type Faults, nameOf, type Verdict } from './point'
import { faultName, parseFault, scriptedFaults } from './scripted'
import { type FaultKind, seededFaults } from './seeded'

/** A Worker's bindings that note what gets through to them. */
function aWorker(faults: Faults) {
  const done: string[] = []
  const doing = async (what: string) => {
    done.push(what)
    return { result: [] }
  }
  const env = {
    ...storeBindings({
      run: (_target, operation) => doing(operation.action) as never,
      batch: (operations) => doing(operations.map(({ operation }) => operation.action).join('+')) as never,
    }),
    QUEUE_ORDER: { sendBatch: (messages: unknown[]) => doing(`send ${messages.length}`) },
    INVENTORY: { hold: (id: string) => doing(`hold ${id}`) },
    LIMITS: { timeoutMs: 3 },
    ENVIRONMENT: 'local',
  }
  type Documents = { run(target: object, operation: object): Promise<unknown>; batch(operations: object[]): Promise<unknown> }
  const wrapped = faultyEnv('order', env, faults)
  const orders = { database: 'credenza_order', collection: 'orders' }
  const documents = wrapped.DATABASE.getByName('credenza_order') as Documents
  return {
    ...{ done, env, wrapped },
    insert: () => documents.run(orders, { action: 'insertOne' }),
    batch: (...actions: string[]) => documents.batch(actions.map((action) => ({ target: orders, operation: { action } }))),
  }
}

const always = (verdict: Verdict): Faults => ({ meet: () => verdict })

describe('points', () => {
  it('exist at every call that leaves a Worker, and carry its name', async () => {
    const script = scriptedFaults()
    const { wrapped, insert, batch } = aWorker(script.faults)
    await insert()
    await batch('findOne', 'updateOne', 'deleteOne')
    await batch('find', 'findOne')
    await wrapped.QUEUE_ORDER.sendBatch([1])
    await wrapped.INVENTORY.hold('ord_1')
    await (wrapped.CACHE.getByName('cache') as { pipeline(commands: string[][]): Promise<unknown> }).pipeline([['SET', 'k', 'v']])
    expect(script.met.map(nameOf)).toEqual([
      'order write orders.insertOne',
      'order write orders.updateOne',
      'order write orders.deleteOne',
      'order read orders.find',
      'order send QUEUE_ORDER.sendBatch',
      'order rpc INVENTORY.hold',
      'order cache set',
    ])
  })

  it('leave variables as they are, and are the same object for the same bindings', () => {
    const { env, wrapped } = aWorker(always('pass'))
    expect([wrapped.LIMITS, wrapped.ENVIRONMENT]).toEqual([{ timeoutMs: 3 }, 'local'])
    const faults = always('pass')
    expect(faultyEnv('order', env, faults)).toBe(faultyEnv('order', env, faults))
  })
})

describe('a fault', () => {
  it.each([
    ['before', []],
    ['after', ['insertOne']],
  ] as const)('%s a write has its caller see an error, and go on', async (when, done) => {
    const worker = aWorker({ meet: ([point]) => (point?.kind === 'write' ? { do: 'fail', when } : 'pass') })
    await invoke('order', async () => {
      await expect(worker.insert()).rejects.toThrow('on purpose')
      await worker.wrapped.INVENTORY.hold('ord_1')
    })
    expect(worker.done).toEqual([...done, 'hold ord_1'])
  })

  it.each([
    [{ when: 'before', index: 0 }, []],
    [{ when: 'after', index: 0 }, ['findOne+updateOne']],
    [{ when: 'before', index: 1 }, ['findOne+updateOne']],
    [{ when: 'after', index: 1 }, ['findOne+updateOne+findOne+deleteOne']],
  ] as const)('in a batch cuts it where it faults: %o', async (at, done) => {
    const worker = aWorker(always({ do: 'fail', ...at }))
    await expect(worker.batch('findOne', 'updateOne', 'findOne', 'deleteOne')).rejects.toThrow('on purpose')
    expect(worker.done).toEqual(done)
  })

  it('that doubles a call runs it twice', async () => {
    const worker = aWorker(always({ do: 'twice' }))
    await worker.wrapped.QUEUE_ORDER.sendBatch([1])
    expect(worker.done).toEqual(['send 1', 'send 1'])
  })
})

describe('a crash', () => {
  const dyingAt = (name: string, when: 'before' | 'after'): Faults => ({
    meet: ([point]) => (point?.name === name ? { do: 'crash', when } : 'pass'),
  })

  it('ends everything that its invocation does, also in catch, in finally and in parallel work', async () => {
    const worker = aWorker(dyingAt('orders.insertOne', 'after'))
    const dying = invoke('order', async () => {
      const beside = Promise.resolve().then(async () => {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
        await worker.wrapped.INVENTORY.hold('beside')
      })
      try {
        await worker.insert()
      } catch {
        await worker.wrapped.INVENTORY.hold('in a catch').catch(() => {})
      } finally {
        await worker.batch('deleteOne').catch(() => {})
      }
      await beside.catch(() => {})
      return 'an answer'
    })
    await expect(dying).rejects.toThrow('died')
    expect(worker.done).toEqual(['insertOne'])
  })

  it('spares the caller and the callee', async () => {
    const worker = aWorker(dyingAt('orders.insertOne', 'before'))
    await invoke('gateway', async () => {
      await expect(invoke('order', worker.insert)).rejects.toThrow('died')
      await worker.wrapped.INVENTORY.hold('by the caller')
    })
    const later = aWorker(dyingAt('INVENTORY.hold', 'after'))
    later.env.INVENTORY.hold = (id) =>
      invoke('inventory', async () => {
        await later.insert()
        later.done.push(`held ${id}`)
        return { result: [] }
      })
    await expect(invoke('order', () => later.wrapped.INVENTORY.hold('ord_1'))).rejects.toThrow('died')
    expect([worker.done, later.done]).toEqual([['hold by the caller'], ['insertOne', 'held ord_1']])
  })

  const batch = () =>
    createMessageBatch(
      'credenza-order',
      ['a', 'b', 'c'].map((id) => ({ id, timestamp: new Date(0), attempts: 1, body: id })),
    )
  const deliver = async (faults: Faults) => {
    const { queue } = faultyHandlers(
      'order',
      {
        queue: async ({ messages }: MessageBatch) => messages.forEach((message) => void message.ack()),
        fetch: () => new Response(),
      },
      faults,
    )
    const [context, messages] = [createExecutionContext(), batch()]
    const died = await queue?.(messages, {}, context).then(
      () => false,
      () => true,
    )
    const { explicitAcks, retryMessages } = await getQueueResult(messages, context)
    return { died, acked: explicitAcks, again: retryMessages.map(({ msgId }) => msgId) }
  }

  it('before a message is acknowledged redelivers it and those after it', async () => {
    const script = scriptedFaults()
    script.begin({ point: 'order ack credenza-order.settle', nth: 2, do: 'crash', when: 'before' })
    expect(await deliver(script.faults)).toEqual({ died: true, acked: ['a'], again: ['b', 'c'] })
  })

  it('after a message is acknowledged redelivers those after it', async () => {
    const script = scriptedFaults()
    script.begin({ point: 'order ack credenza-order.settle', nth: 2, do: 'crash', when: 'after' })
    expect(await deliver(script.faults)).toEqual({ died: true, acked: ['a', 'b'], again: ['c'] })
  })

  it('of a method does not affect the next call of the same object', async () => {
    const script = scriptedFaults()
    class Counter {
      env: { INVENTORY: { hold(id: string): Promise<unknown> } }
      constructor(_context: unknown, env: Counter['env']) {
        this.env = env
      }
      count(id: string) {
        return this.env.INVENTORY.hold(id)
      }
    }
    const { env, done } = aWorker(script.faults)
    const counter = new (faultyClass('order', Counter, script.faults))({}, env)
    script.begin({ point: 'order rpc INVENTORY.hold', nth: 1, do: 'crash', when: 'before' })
    await expect(counter.count('1')).rejects.toThrow('died')
    await counter.count('2')
    expect(done).toEqual(['hold 2'])
  })
})

describe('random faults', () => {
  const points = Array.from({ length: 500 }, (_each, index) => [
    { worker: 'order', kind: index % 2 ? ('send' as const) : ('write' as const), name: `${index}` },
  ])
  const perMille = { 'fail before': 50, 'fail after': 50, 'crash before': 50, 'crash after': 50, delay: 50, twice: 100 }
  const run = (seed: number, isActive = true) => {
    const struck: [FaultKind, string][] = []
    const note = (kind: FaultKind, { kind: what }: { kind: string }) => void struck.push([kind, what])
    const faults = seededFaults({ seed, perMille, isActive: () => isActive, note })
    return { verdicts: points.map((met) => JSON.stringify(faults.meet(met))), struck }
  }

  it('are the same for the same seed, differ for another, and are of all kinds', () => {
    expect(run(1).verdicts).toEqual(run(1).verdicts)
    expect(run(1).verdicts).not.toEqual(run(2).verdicts)
    expect(new Set(run(1).struck.map(([kind]) => kind)).size).toBe(6)
  })

  it('never repeat a call that is safe only once, and stop on request', () => {
    expect(new Set(run(1).struck.flatMap(([kind, what]) => (kind === 'twice' ? [what] : [])))).toEqual(new Set(['send']))
    expect(run(1, false).struck).toEqual([])
  })
})

it('a fault can be read back from its name', () => {
  const fault = { point: 'order write orders.insertOne', nth: 3, do: 'crash', when: 'after' } as const
  expect(parseFault(faultName(fault))).toEqual(fault)
})
