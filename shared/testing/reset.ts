import { reset } from 'cloudflare:test'
import { beforeAll } from 'vitest'

/**
 * Files that share a runtime begin with empty storage each, but for Durable Objects that were evicted: `reset` wipes only those in memory.
 * A test of objects with fixed names, such as `marketplace`, empties them itself.
 */
beforeAll(() => reset())
