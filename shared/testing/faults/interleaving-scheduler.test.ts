import { expect, it } from 'vitest'
import { nextChoices, turnTaking } from './interleaving-scheduler'
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

it('tries every interleaving once, and so finds a lost update', async () => {
  expect(Object.fromEntries(await race(Number.POSITIVE_INFINITY))).toEqual({
    '0011': 2,
    '0101': 1,
    '0110': 1,
    '1001': 1,
    '1010': 1,
    '1100': 2,
  })
})

it('leaves out interleavings with too many preemptions', async () => {
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

it.each([
  ['a command that there is not', [7, 7, 7, 7], 'Choice 1 is 7, but those that could go on are 0, 1'],
  ['one that has ended', [0, 0, 0, 1], 'Choice 3 is 0, but those that could go on are 1'],
  ['more steps than there are', [0, 0, 1, 1, 1], 'The commands ended after 4 of 5 choices'],
  ['no number', [Number.NaN], 'Choice 1 is NaN, but those that could go on are 0, 1'],
])('tries nothing else when a list of choices asks for %s', async (_what, choices, message) => {
  const { run, faults } = turnTaking()
  const command = async () => {
    for (const _step of [1, 2]) await pass(faults, [{ worker: 'w', kind: 'write', name: 'n' }], () => 0)
  }
  await expect(run([command, command], choices)).rejects.toThrow(message)
})

it('fails when a command neither ends nor reaches a point', async () => {
  const { run, faults } = turnTaking(0)
  const command = () => pass(faults, [{ worker: 'w', kind: 'write', name: 'n' }], () => 0)
  const stuck = () => new Promise<number>(() => {})
  await expect(run([command, stuck], [])).rejects.toThrow('Commands 1 reach no point and do not end')
})
