import { afterAll, vi } from 'vitest'

/** Files that share a runtime, or a process, leave the clock to the next as it was. */
afterAll(() => void vi.useRealTimers())
