import { beforeAll, describe, expect, it } from 'vitest'
import { nameOf } from '../faults/point'
import { parseStrike, type Strike, scriptedFaults, strikeName } from '../faults/scripted'
import { asked, count, keepCounts, quarter } from './counts'
import { settle, stopTheClock } from './driver'
import type { Case, Flow } from './flows'
import { violations } from './invariants'
import { marketplace } from './marketplace'

const script = scriptedFaults()
/** So many purchases share what comes after: sweeps, and a long time. */
const atOnce = 40

/**
 * Tests that a flow survives a crash at each of its points, before it and after it, as soon as the sweeps have run: nothing is lost and
 * nothing happens twice. `FAULT_REPLAY='<flow>: <strike>'` in the environment tries that one strike alone, `FAULT_QUARTER` each fourth.
 */
export function surviveCrashes(name: string, flows: Record<string, Flow>): void {
  keepCounts(name)
  beforeAll(() => {
    stopTheClock()
    marketplace.under(script.faults)
  })
  describe.each(Object.entries(flows))('%s', (what, flow) => {
    const [wanted, strike] = asked.FAULT_REPLAY.split(': ')
    it.skipIf(asked.FAULT_REPLAY !== '' && wanted !== what)('survives a crash before and after each of its points', async () => {
      const strikes = await strikesOf(flow)
      const suspects = new Map<string, string>()
      for (const [index, each] of (strike ? [parseStrike(strike)] : strikes).entries()) {
        for (const id of idsOf(await runStruck(flow, each))) suspects.set(id, strikeName(each))
        if (index % atOnce === atOnce - 1) await settle()
      }
      await settle()
      const { lost, doubled, wrong } = await violations()
      count('lost', lost.length)
      count('doubled', doubled.length)
      expect([...lost, ...doubled, ...wrong].map((each) => accused(each, what, suspects))).toEqual([])
    })
  })
}

/** Runs a flow with one strike. @throws when the strike does not come: then the list of points was not that of the flow */
async function runStruck(flow: Flow, strike: Strike): Promise<Case> {
  const prepared = await flow.prepare()
  script.begin(strike)
  await flow.run(prepared)
  if (script.strike) throw new Error(`Never met: ${strikeName(strike)}`)
  script.begin()
  count('crashes')
  return prepared
}

/** Where a flow can be struck: what it reads has no effect, so a crash there is the one after whatever came before. */
async function strikesOf(flow: Flow): Promise<Strike[]> {
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
        strike: { point: nameOf(point), nth, do: 'crash' as const, when },
        isWanted: quarter === null || [flow.worker, point.worker].some((worker) => changed.includes(worker)),
      })),
    )
    .filter(({ isWanted }, index) => isWanted || index % 4 === quarter)
    .map(({ strike }) => strike)
}

const idsOf = ({ buyer, offer, orderId }: Case): string[] => [
  buyer.userId,
  offer.productId,
  offer.variantId,
  offer.seller.userId,
  ...(orderId ? [orderId] : []),
]

/** A violation with the strike of the purchase that it names, as it can be replayed. */
function accused(violation: string, flow: string, suspects: ReadonlyMap<string, string>): string {
  const found = [...suspects].find(([id]) => violation.includes(id))
  return found ? `${violation} (FAULT_REPLAY='${flow}: ${found[1]}')` : violation
}
