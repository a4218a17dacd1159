import { afterAll, describe, it } from 'vitest'
import type { Target } from '../../../shared/contracts/data'
import type { Engine } from '../../../shared/storage/engine'
import type { Exceptions } from './exceptions'
import { filters } from './filters'
import { indexes } from './indexes'
import { reads } from './reads'
import { type Case, subjectOf } from './subject'
import { updates } from './updates'
import { values } from './values'
import { writes } from './writes'

const groups = { filters, reads, updates, writes, indexes, values }

/** The engine under test, once it runs, and the cases that its server is known to fail. */
type Ready = { engine: Engine; exceptions: Exceptions }

const database = 'credenza_conformance'

/**
 * What an engine must do so that the Workers can use it as MongoDB. Each case has its own collection, whose name is new in each run, so
 * that a server may keep the documents of earlier runs.
 */
export function conformance(ready: () => Ready): void {
  const run = crypto.randomUUID().slice(0, 8)
  const used: Target[] = []
  let number = 0

  async function hold({ indexes: declared = [], documents = [], test }: Case): Promise<void> {
    const target = { database, collection: `c${run}_${++number}`, indexes: declared }
    used.push(target)
    const subject = subjectOf(ready().engine, target)
    if (declared.length > 0) await subject.run<'createIndexes'>({ action: 'createIndexes', indexes: declared })
    if (documents.length > 0) await subject.insert(...documents)
    await test(subject)
  }

  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      for (const each of cases) {
        it(each.name, async () => {
          const reason = ready().exceptions[each.name]
          if (reason === undefined) return hold(each)
          const held = await hold(each).then(
            () => true,
            () => false,
          )
          if (held) throw new Error(`This holds now; take it out of the exceptions (${reason})`)
        })
      }
    })
  }

  afterAll(async () => {
    for (const target of used) await ready().engine.run(target, { action: 'deleteMany', filter: {} })
  })
}

/** The names of exceptions without a case. */
export const unknownTo = (exceptions: Exceptions): string[] => {
  const names = new Set(Object.values(groups).flatMap((cases) => cases.map(({ name }) => name)))
  return Object.keys(exceptions).filter((name) => !names.has(name))
}
