import { beforeAll, describe, expect, it } from 'vitest'
import { nextChoices, type Ran, turnTaking } from '../faults/interleaving-scheduler'
import { noFaults } from '../faults/point'
import { asked, count, keepCounts, quarter } from './counts'
import { freezeClock, runUntilIdle } from './driver'
import { violations } from './invariants'
import { marketplace } from './marketplace'
import { type Outcome, type Race, races } from './races'

/** Whoever is interrupted between reading and writing is interrupted once; `FAULT_SEED` asks for all with two, which takes minutes. */
const preemptions = asked.FAULT_SEED === '' ? 1 : 2
/** Interleavings of one race; a race that has more is not tried exhaustively, and says so. */
const atMost = asked.FAULT_SEED !== '' ? 1_000 : quarter === null ? 60 : 15
const atOnce = 20

keepCounts('interleavings')
const turns = turnTaking()

beforeAll(freezeClock)

describe.each(Object.entries<Race>(races))('%s', (name, race) => {
  const [wanted, replayed] = asked.FAULT_REPLAY.split(': ')
  it.skipIf(asked.FAULT_REPLAY !== '' && wanted !== name)('keep all promises however they interleave', async () => {
    const suspects = new Map<string, string>()
    const wrong: string[] = []
    let choices: number[] | undefined = replayed ? replayed.split(',').map(Number) : []
    let tried = 0
    while (choices && tried < atMost) {
      const { commands, ids, judge = () => [] } = await race.prepare()
      marketplace.under(turns.faults)
      const { decisions, results }: Ran<Outcome> = await turns.run<Outcome>(commands, choices)
      marketplace.under(noFaults)
      const path = decisions.map(({ chosen }) => chosen).join(',')
      for (const id of ids) suspects.set(id, `FAULT_REPLAY='${name}: ${path}'`)
      wrong.push(...judge(results.map((result) => (result.status === 'fulfilled' ? result.value : undefined))))
      tried += 1
      count('interleavings')
      count('steps', decisions.length)
      if (tried % atOnce === 0) await runUntilIdle()
      choices = replayed ? undefined : nextChoices(decisions, preemptions)
    }
    if (choices) count('races not tried exhaustively')
    await runUntilIdle()
    const found = await violations()
    count('lost', found.lost.length)
    count('doubled', found.doubled.length)
    const blame = (violation: string) => [...suspects].find(([id]) => violation.includes(id))?.[1] ?? ''
    expect([...wrong, ...found.lost, ...found.doubled, ...found.wrong].map((each) => `${each} ${blame(each)}`)).toEqual([])
  })
})
