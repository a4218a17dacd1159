import { AsyncLocalStorage } from 'node:async_hooks'
import type { Faults, Point } from './point'

/** One run of a handler or of a method. Once dead, nothing that it still does gets out, so that no `catch` cleans up after its death. */
type Invocation = { worker: string; dead: boolean }

const current = new AsyncLocalStorage<Invocation>()

/** Runs work as an invocation of its own: what it calls may die alone, and its caller may die without it. @throws when it died */
export function invoke<T>(worker: string, work: () => T | Promise<T>): Promise<T> {
  const invocation: Invocation = { worker, dead: false }
  return current.run(invocation, async () => {
    try {
      return await work()
    } finally {
      requireAlive(invocation)
    }
  })
}

/** Does what `points` stand for, or as much of it as the faults let happen: `work` gets how many of the points are to be done. */
export async function pass<T>(faults: Faults, points: readonly Point[], work: (upTo: number) => T | Promise<T>): Promise<T> {
  const invocation = current.getStore()
  requireAlive(invocation)
  const verdict = await faults.meet(points)
  try {
    requireAlive(invocation)
    if (verdict === 'pass') return await work(points.length)
    if (verdict.do === 'delay') {
      await new Promise((resolve) => setTimeout(resolve, verdict.milliseconds))
      requireAlive(invocation)
      return await work(points.length)
    }
    if (verdict.do === 'twice') {
      await work(points.length)
      return await work(points.length)
    }
    const upTo = (verdict.index ?? 0) + (verdict.when === 'after' ? 1 : 0)
    // What was under way when the invocation died is done even so.
    if (verdict.do === 'crash' && invocation) invocation.dead = true
    if (upTo > 0) await work(upTo)
    throw verdict.do === 'crash' ? died() : new Error(`${points[verdict.index ?? 0]?.name} failed, on purpose`)
  } finally {
    faults.left?.(points)
    requireAlive(invocation)
  }
}

/** The answer to what a dead invocation asked for never arrives. */
function requireAlive(invocation: Invocation | undefined): void {
  if (invocation?.dead) throw died()
}

const died = () => new Error('The invocation died, on purpose')
