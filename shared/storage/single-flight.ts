/** Work whose outcome several requests of an isolate share. */
export type SingleFlight = {
  /** The outcome of the work in progress under this key, or of `work`, started now. */
  join<T>(key: string, work: () => Promise<T>): Promise<T>
  /** As `join`, but never the outcome of work that started before this call: callers that arrive meanwhile share the next run. */
  next<T>(key: string, work: () => Promise<T>): Promise<T>
}

/**
 * Single run. The runtime lets a request wait for another's promise and goes on in the waiter's own context, but a request
 * that is canceled never settles its promise: after `timeoutMs` milliseconds a waiter starts the work again. Only
 * plain values may come out of the work, since what does I/O belongs to the request that made it.
 */
export function singleFlight(timeoutMs = 2_000): SingleFlight {
  const underWay = new Map<string, Promise<unknown>>()

  function begin<T>(key: string, work: () => Promise<T>): Promise<T> {
    const run = work().finally(() => {
      if (underWay.get(key) === run) underWay.delete(key)
    })
    underWay.set(key, run)
    return run
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
        // A caller from here on may follow a change that this run does not see.
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
