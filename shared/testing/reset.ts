import { reset } from 'cloudflare:test'
import { beforeAll } from 'vitest'

/** Files that share a runtime begin with empty storage each. */
beforeAll(() => reset())
