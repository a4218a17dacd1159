import { beforeAll, describe, expect, it } from 'vitest'
import { nameOf } from '../faults/point'
import { faultName, parseFault, type ScriptedFault, scriptedFaults } from '../faults/scripted'
import { asked, count, keepCounts, quarter } from './counts'
import { freezeClock, runUntilIdle } from './driver'
import type { Case, Flow } from './flows'
import { violations } from './invariants'
import { marketplace } from './marketplace'

const script = scriptedFaults()
/** So many purchases share what comes after: sweeps, and a long time. */
const atOnce = 40

/**
 * Tests that a flow survives a crash at each of its points, before it and after it, as soon as the sweeps have run: nothing is lost and
 * nothing happens twice. `FAULT_REPLAY='<flow>: <fault>'` in the environment tries that one fault alone, `FAULT_QUARTER` each fourth.
 */
export function testCrashPoints(name: string, flows: Record<string, Flow>): void {
  keepCounts(name)
  beforeAll(() => {
    freezeClock()
    marketplace.under(script.faults)
  })
  describe.each(Object.entries(flows))('%s', (what, flow) => {
    const [wanted, fault] = asked.FAULT_REPLAY.split(': ')
    it.skipIf(asked.FAULT_REPLAY !== '' && wanted !== what)('survives a crash before and after each of its points', async () => {
      const faults = await faultsOf(flow)
      const suspects = new Map<string, string>()
      for (const [index, each] of (fault ? [parseFault(fault)] : faults).entries()) {
        for (const id of idsOf(await runWithFault(flow, each))) suspects.set(id, faultName(each))
        if (index % atOnce === atOnce - 1) await runUntilIdle()
      }
      await runUntilIdle()
      const { lost, doubled, wrong } = await violations()
      count('lost', lost.length)
      count('doubled', doubled.length)
      expect([...lost, ...doubled, ...wrong].map((each) => withReplay(each, what, suspects))).toEqual([])
    })
  })
}

/** Runs a flow with one fault. @throws when the fault does not come: then the list of points was not that of the flow */
async function runWithFault(flow: Flow, fault: ScriptedFault): Promise<Case> {
  const prepared = await flow.prepare()
  script.begin(fault)
  await flow.run(prepared)
  if (script.pendingFault) throw new Error(`Never met: ${faultName(fault)}`)
  script.begin()
  count('crashes')
  return prepared
}

/** Where a flow can be struck: what it reads has no effect, so a crash there is the one after whatever came before. */
async function faultsOf(flow: Flow): Promise<ScriptedFault[]> {
  // Once before, so that nothing is met that only a new isolate does.
  for (let time = 0; time < 2; time++) {
    const prepared = await flow.prepare()
    script.begin()
    await flow.run(prepared)
  }
  const points = script.met.filter(({ kind }) => kind !== 'read')
  script.begin()
  count('points', points.length)
  const changed = asked.FAULT_WORKERS.split(',')
  return points
    .flatMap(({ nth, ...point }) =>
      (['before', 'after'] as const).map((when) => ({
        fault: { point: nameOf(point), nth, do: 'crash' as const, when },
        isWanted: quarter === null || [flow.worker, point.worker].some((worker) => changed.includes(worker)),
      })),
    )
    .filter(({ isWanted }, index) => isWanted || index % 4 === quarter)
    .map(({ fault }) => fault)
}

const idsOf = ({ buyer, offer, orderId }: Case): string[] => [
  buyer.userId,
  offer.productId,
  offer.variantId,
  offer.seller.userId,
  ...(orderId ? [orderId] : []),
]

/** A violation with the fault of the purchase that it names, as it can be replayed. */
function withReplay(violation: string, flow: string, suspects: ReadonlyMap<string, string>): string {
  const found = [...suspects].find(([id]) => violation.includes(id))
  return found ? `${violation} (FAULT_REPLAY='${flow}: ${found[1]}')` : violation
}
