import { expect, it } from 'vitest'
import { nextChoices, turnTaking } from './explore'
import { pass } from './invocation'

/** Two that add one to a number by reading it and writing it back, under every interleaving of at most so many preemptions. */
async function race(most: number) {
  const { faults, run } = turnTaking()
  const seen = new Map<string, number>()
  let choices: number[] | undefined = []
  while (choices) {
    let number = 0
    const at = (kind: 'read' | 'write', work: () => number) => pass(faults, [{ worker: 'w', kind, name: 'n' }], work)
    const increment = async () => {
      const found = await at('read', () => number)
      await at('write', () => {
        number = found + 1
        return number
      })
    }
    const { decisions } = await run([increment, increment], choices)
    seen.set(decisions.map(({ chosen }) => chosen).join(''), number)
    choices = nextChoices(decisions, most)
  }
  return seen
}

it('tries every interleaving once, and so finds the update that is lost', async () => {
  expect(Object.fromEntries(await race(Number.POSITIVE_INFINITY))).toEqual({
    '0011': 2,
    '0101': 1,
    '0110': 1,
    '1001': 1,
    '1010': 1,
    '1100': 2,
  })
})

it('leaves out those that preempt more often than is allowed', async () => {
  expect([...(await race(0)).keys()]).toEqual(['0011', '1100'])
  expect([...(await race(1)).keys()]).toEqual(['0011', '0110', '1100', '1001'])
})

it('replays a list of choices', async () => {
  const { run, faults } = turnTaking()
  const order: number[] = []
  const command = (actor: number) => async () => {
    for (const _step of [1, 2]) await pass(faults, [{ worker: 'w', kind: 'write', name: 'n' }], () => order.push(actor))
  }
  await run([command(0), command(1)], [1, 0, 0, 1])
  expect(order).toEqual([1, 0, 0, 1])
})
