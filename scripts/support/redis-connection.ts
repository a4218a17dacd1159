import { RedisClient } from 'bun'

/** How long a connection may take to open, and a command to be answered, before Redis counts as down. */
const TIMEOUT_MS = 2_000

/** One connection to a Redis server, which opens when it is needed and opens again after it was lost. */
export type Connection = {
  /** Calls `work` with a client that is connected. @throws when Redis does not answer in time; nothing is sent twice */
  use<T>(work: (client: RedisClient) => Promise<T>): Promise<T>
  close(): void
}

export function connectionTo(url: string): Connection {
  let current: Promise<RedisClient> | undefined
  let open: RedisClient | undefined

  const drop = () => {
    current = undefined
    open?.close()
    open = undefined
  }

  const connect = async (): Promise<RedisClient> => {
    // The client must not reconnect by itself: half a transaction that is sent again on a new connection is not one.
    const client = new RedisClient(url, {
      autoReconnect: false,
      enableOfflineQueue: false,
      connectionTimeout: TIMEOUT_MS,
      idleTimeout: 0,
    })
    open = client
    client.onclose = () => open === client && drop()
    await client.connect()
    // Upstash answers as RESP2 does: maps as flat lists, and scores as text.
    await client.send('HELLO', ['2'])
    return client
  }

  return {
    use: async (work) => {
      current ??= connect()
      const mine = current
      try {
        return await withTimeout(mine.then(work))
      } catch (error) {
        if (current === mine) drop()
        throw error
      }
    },
    close: drop,
  }
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis does not answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
