/** Numbers in [0, 1) that a seed determines. Source: mulberry32, by Tommy Ettinger, public domain */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Runs things at the same time in an order that a seed determines. What they do to the world they do in `step`s; whichever is
 * chosen next happens, and the others wait. `between` happens before each.
 */
export function interleaving(random: () => number, between: () => void = () => {}) {
  const waiting: (() => void)[] = []
  const step = <T>(act: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(act())
        } catch (error) {
          reject(error)
        }
      })
    })
  const run = async (actors: readonly Promise<unknown>[]): Promise<void> => {
    let done = false
    const all = Promise.all(actors).finally(() => {
      done = true
    })
    all.catch(() => {})
    while (!done || waiting.length > 0) {
      // Everyone gets to their next step before one is chosen: promises settle in turns of the same task.
      for (let turn = 0; turn < 16; turn++) await Promise.resolve()
      between()
      const [chosen] = waiting.splice(Math.floor(random() * waiting.length), 1)
      chosen?.()
    }
    await all
  }
  return { step, run }
}
