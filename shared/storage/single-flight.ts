/** Work that several requests of an isolate wait for together. */
export type SingleFlight = {
  /** The outcome of the work that is under way under this key, or of `work`, begun now. */
  join<T>(key: string, work: () => Promise<T>): Promise<T>
  /** As `join`, but never the outcome of work that began before this call: who comes meanwhile shares the next. */
  next<T>(key: string, work: () => Promise<T>): Promise<T>
}

/**
 * Single flight. The runtime lets a request wait for another's promise and goes on in the waiter's own context, but a request
 * that is canceled never settles what it began: nobody waits longer than `bound` milliseconds before beginning anew. Only
 * plain values may come out of the work, since what does I/O belongs to the request that made it.
 */
export function singleFlight(timeoutMs = 2_000): SingleFlight {
  const underWay = new Map<string, Promise<unknown>>()

  function begin<T>(key: string, work: () => Promise<T>): Promise<T> {
    const flight = work().finally(() => {
      if (underWay.get(key) === flight) underWay.delete(key)
    })
    underWay.set(key, flight)
    return flight
  }

  async function join<T>(key: string, work: () => Promise<T>): Promise<T> {
    const ahead = underWay.get(key) as Promise<T> | undefined
    if (!ahead) return begin(key, work)
    const outcome = await settledWithin(timeoutMs, ahead)
    if (outcome) return outcome()
    if (underWay.get(key) === ahead) underWay.delete(key)
    return join(key, work)
  }

  return {
    join,
    next: async (key, work) => {
      const ahead = underWay.get(key)
      if (!ahead) return begin(key, work)
      const waiting = `next ${key}`
      return join(waiting, async () => {
        await settledWithin(timeoutMs, ahead)
        // Whoever comes from here on may have come after a change that this flight no longer sees.
        underWay.delete(waiting)
        return begin(key, work)
      })
    },
  }
}

/** How a promise settled, to be returned or thrown; undefined when it took too long. */
async function settledWithin<T>(milliseconds: number, promise: Promise<T>): Promise<(() => T) | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  const settled = promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error
    },
  )
  try {
    return await Promise.race([settled, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
