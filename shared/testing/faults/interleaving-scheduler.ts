import { AsyncLocalStorage } from 'node:async_hooks'
import type { Faults, PointKind } from './point'

/** How commands interleaved, and what became of each. */
export type Ran<T> = { decisions: Decision[]; results: PromiseSettledResult<T>[] }

/** Where commands take turns: what is read and written decides a race; what else happens in between follows from it. */
const turns: readonly PointKind[] = ['read', 'write', 'provider']

/** A moment at which one of several commands goes on. `options` are those that could, the one that ran last first. */
type Decision = { options: readonly number[]; chosen: number; preempts: boolean }

/**
 * Runs commands at the same time, one step of one of them at a time. A command that neither ends nor
 * reaches a point for `timeoutMs`, on however busy a machine, waits for another.
 */
export function turnTaking(timeoutMs = 60_000) {
  const actors = new AsyncLocalStorage<number>()
  const waiting: { actor: number; go: () => void; done: Promise<void> }[] = []
  const ends = new Map<readonly unknown[], () => void>()
  const faults: Faults = {
    meet: (points) => {
      const actor = actors.getStore()
      if (actor === undefined || !points.some(({ kind }) => turns.includes(kind))) return 'pass'
      return new Promise((resolve) => {
        const done = new Promise<void>((end) => ends.set(points, end))
        waiting.push({ actor, done, go: () => resolve('pass') })
      })
    },
    left: (points) => ends.get(points)?.(),
  }

  /**
   * Runs commands by a list of choices, then each for as long as it can. Answers the decisions, and what became of the commands.
   * @throws Error when that cannot be tried: a choice is none of those that could go on, or a command is out of time
   */
  async function run<T>(commands: readonly (() => Promise<T>)[], choices: readonly number[]): Promise<Ran<T>> {
    const decisions: Decision[] = []
    // Commands of a run that could not be tried stay where they are.
    waiting.splice(0)
    const open = new Set(commands.keys())
    const results = Promise.allSettled(
      commands.map((command, actor) => actors.run(actor, command).finally(() => open.delete(actor))),
    )
    const isReady = (actor: number) => waiting.some((step) => step.actor === actor)
    let last = -1
    while (open.size > 0) {
      if (!(await isStill(() => [...open].every(isReady), timeoutMs)))
        throw new Error(`Commands ${[...open].filter((actor) => !isReady(actor)).join(' and ')} reach no point and do not end`)
      const ready = [...open].filter(isReady).sort((a, b) => Number(b === last) - Number(a === last) || a - b)
      const [first] = ready
      if (first === undefined) break
      const chosen = choices[decisions.length] ?? first
      if (!ready.includes(chosen))
        throw new Error(`Choice ${decisions.length + 1} is ${chosen}, but those that could go on are ${ready.join(', ')}`)
      decisions.push({ options: ready, chosen, preempts: ready.includes(last) && chosen !== last })
      last = chosen
      const [step] = waiting.splice(
        waiting.findIndex(({ actor }) => actor === chosen),
        1,
      )
      step?.go()
      await step?.done
    }
    if (choices.length > decisions.length)
      throw new Error(`The commands ended after ${decisions.length} of ${choices.length} choices`)
    return { decisions, results: await results }
  }
  return { faults, run }
}

/** Waits until a condition holds and everyone had a turn of the loop to get to their next point. False when it is out of time. */
async function isStill(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs
  for (let turn = 0; turn < 2 || !holds(); turn++) {
    await new Promise((resolve) => setTimeout(resolve))
    // The clock of the platform stands while nothing is awaited, and goes on with each turn.
    if (performance.now() > end) return false
  }
  return true
}

/**
 * The next list of choices, depth first, among those with at most `most` preemptions: turns taken from a command that could go on.
 * Undefined when all were tried. Source: M. Musuvathi, S. Qadeer, Iterative context bounding, PLDI 2007
 */
export function nextChoices(decisions: readonly Decision[], most: number): number[] | undefined {
  for (let at = decisions.length - 1; at >= 0; at--) {
    const decision = decisions[at]
    if (!decision) continue
    const { options, chosen } = decision
    const before = decisions.slice(0, at)
    const spent = before.filter(({ preempts }) => preempts).length
    const last = before.at(-1)?.chosen
    const untried = options.slice(options.indexOf(chosen) + 1)
    const next = untried.find((option) => spent + Number(last !== undefined && options.includes(last) && option !== last) <= most)
    if (next !== undefined) return [...before.map((each) => each.chosen), next]
  }
  return undefined
}
