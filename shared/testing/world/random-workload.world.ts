import { beforeAll, expect, it } from 'vitest'
import { noFaults } from '../faults/point'
import { seededFaults } from '../faults/seeded'
import { seeded } from '../interleaving'
import { asked, count, keepCounts, quarter } from './counts'
import { disorder } from './devices'
import { freezeClock, runUntilIdle } from './driver'
import { violations } from './invariants'
import { marketplace } from './marketplace'
import { aRandomWorkload } from './random-workload'

/** The same each time, and one that whoever looks for more gives: `FAULT_SEED=123 npx vitest run --project world life`. */
const seeds =
  asked.FAULT_SEED === ''
    ? [1, 2, 3, 4, 5, 6].slice(...(quarter === null ? [] : [quarter, quarter + 1]))
    : [Number(asked.FAULT_SEED)]
const steps = 250

keepCounts('lives')
beforeAll(freezeClock)

it.each(seeds)('a life full of faults keeps all promises, seed %i', async (seed) => {
  const random = seeded(seed)
  const perMille = { 'fail before': 6, 'fail after': 6, 'crash before': 6, 'crash after': 6, twice: 10 }
  const faults = seededFaults({ seed: seed + 1, perMille, note: () => count('faults') })
  const without = async (work: () => Promise<void>) => {
    marketplace.under(noFaults)
    await work()
    marketplace.under(faults)
  }
  const workload = await aRandomWorkload(random, without)
  for (let step = 0; step < steps; step++) await workload.step()
  marketplace.under(noFaults)
  await runUntilIdle()
  const found = await violations()
  count('lost', found.lost.length)
  count('doubled', found.doubled.length)
  expect([...found.lost, ...found.doubled, ...found.wrong], `FAULT_SEED=${seed}`).toEqual([])
  await workload.again()
  await runUntilIdle()
  const again = await violations()
  count('doubled', again.doubled.length)
  expect([...again.lost, ...again.doubled, ...again.wrong], `FAULT_SEED=${seed}, all sent again`).toEqual([])
  const frames = workload.devices.map((device) => device.frames)
  count('frames', frames.flat().length)
  expect(frames.flatMap(disorder), `FAULT_SEED=${seed}`).toEqual([])
})
