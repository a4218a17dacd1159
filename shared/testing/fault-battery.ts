import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DependencyName, dependencies } from '../contracts/dependencies'
import { breakerOf } from '../runtime/circuit-breaker'
import { type FaultName, type FlowOf, faultNames, faults, type Outcome } from './fault-table'
import type { Answer } from './http'

/** A dependency that does what the battery says. A test leads every call of it through here. */
export type Faulty = {
  asked: number
  does: FaultName | 'well'
  through<T>(call: () => Promise<T>): Promise<T>
}

/** A flow in a world of its own, where everything is well until the battery has it otherwise. */
export type FlowCase = {
  /** The environment whose dependency it is. */
  env: object
  act: () => Promise<Outcome>
  /** Asserts that what the table names was kept, once the dependency is back and before anything else is tried. */
  kept?: () => Promise<void>
  /** Does what brings the work to its end, and asserts that it is done, and done once. */
  recover: () => Promise<void>
  /** For a flow that goes on without the dependency by not asking it. */
  asksNothing?: true
}

/** What a client was answered, in the words of the table. */
export function outcomeOf({ status, json, headers }: Answer): Outcome {
  if (status < 400) return `${status}`
  const isPromised = status !== 503 || Number(headers.get('retry-after')) >= 1
  return `${status} ${json.code}${isPromised ? '' : ' without Retry-After'}`
}

/** What a queue was answered for one message, in the words of the table. */
export const outcomeOfMessage = ({ acked }: { acked: readonly string[] }): Outcome => (acked.length === 1 ? 'acked' : 'retried')

/** Durable Objects by name, each call of which goes through a dependency that may be at fault. */
export const faultyObjects = <N>(namespace: N, fault: Faulty): N => {
  const { getByName } = namespace as {
    getByName: (...name: unknown[]) => Record<string, (...asked: unknown[]) => Promise<unknown>>
  }
  const objects = {
    getByName: (...name: unknown[]) => {
      const stub = getByName.apply(namespace, name)
      const get = (_target: object, method: string | symbol) =>
        typeof method === 'string' && method !== 'then'
          ? (...asked: unknown[]) => fault.through(async () => stub[method]?.(...asked))
          : undefined
      return new Proxy({}, { get })
    },
  }
  return objects as N
}

function aFaulty(name: DependencyName): Faulty {
  const { timeoutMs } = dependencies[name]
  const answer = async <T>(call: () => Promise<T>, isFirst: boolean): Promise<T> => {
    if (faulty.does === 'error') throw new Error('500')
    if (faulty.does === 'refused') throw new TypeError('connection refused')
    const answered = await call()
    if (faulty.does === 'timeout') {
      vi.advanceTimersByTime(timeoutMs)
      return new Promise<never>(() => {})
    }
    // Time is the same for all: were each of two that overlap late, they would be so by what both are.
    if (faulty.does === 'slow' && isFirst) vi.advanceTimersByTime(timeoutMs - 1)
    return answered
  }
  const faulty: Faulty = {
    ...{ asked: 0, does: 'well' },
    through: (call) => {
      faulty.asked += 1
      return answer(call, faulty.asked === 1)
    },
  }
  return faulty
}

/**
 * Holds a Worker to every cell of the table for a dependency: the answer, what is kept, and that all is done once the dependency is
 * back, when its breaker closes by itself. A flow of the Worker that is in the table and has no case does not compile.
 */
export function faultBattery<D extends DependencyName, W extends string>(
  dependency: D,
  worker: W,
  cases: { [F in FlowOf<D, W>]: (fault: Faulty) => Promise<FlowCase> },
): void {
  const { resetTimeoutMs } = dependencies[dependency]
  const rows = faults[dependency] as Record<string, (typeof faults)['email'][keyof (typeof faults)['email']]>

  describe(`${worker}, when the ${dependency} fails`, () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
    afterEach(() => void vi.useRealTimers())

    for (const [flow, make] of Object.entries<(fault: Faulty) => Promise<FlowCase>>(cases)) {
      describe(flow, () => {
        const answers = rows[flow]?.answers
        it.each(faultNames)('%s', async (name) => {
          const fault = aFaulty(dependency)
          const tried = await make(fault)
          const known = breakerOf(tried.env, dependency)
          const fail = () => Promise.reject(new TypeError('connection refused'))
          if (name === 'open') while (known.status().state !== 'open') await known.run(fail).catch(() => {})
          Object.assign(fault, { does: name, asked: 0 })
          expect(await tried.act()).toBe(answers?.[name])
          expect(fault.asked > 0).toBe(name !== 'open' && !tried.asksNothing)

          fault.does = 'well'
          vi.advanceTimersByTime(resetTimeoutMs)
          if (name !== 'slow') await tried.kept?.()
          await tried.recover()
          if (!tried.asksNothing) expect(known.status().state).toBe('closed')
        })
      })
    }
  })
}
