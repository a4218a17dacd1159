import type { Instant } from '../contracts/ids'

/** A ready-made answer: its text, and the few facts that decide who may have it. */
export type Answer = {
  facts: Record<string, string | number>
  text: string
  /** Keys in Redis that lead to this answer, each with the name under which its shelf is found. */
  names?: Record<string, string>
}

/** An answer as it was at an instant, under the stamp that stood before it was loaded. */
export type Kept = Answer & { stamp: string; at: Instant; freshUntil: Instant }

export type Memory = {
  get(key: string): Kept | undefined
  /** Keeps an answer, unless one is there that was loaded later. */
  set(key: string, kept: Kept): void
}

/** Characters of all texts: what an isolate can spare of its 128 MB. */
const capacity = 16_000_000

/** Answers that an isolate keeps at hand; those that nobody asked for the longest go first. */
export function memory(most = capacity): Memory {
  const entries = new Map<string, Kept>()
  let size = 0
  const drop = (key: string) => {
    size -= (entries.get(key)?.text.length ?? 0) + (entries.has(key) ? key.length : 0)
    entries.delete(key)
  }
  const put = (key: string, kept: Kept) => {
    drop(key)
    entries.set(key, kept)
    size += kept.text.length + key.length
  }
  return {
    get: (key) => {
      const kept = entries.get(key)
      // A map goes through its keys in the order of insertion, so what is put again is the last to go.
      if (kept) put(key, kept)
      return kept
    },
    set: (key, kept) => {
      if ((entries.get(key)?.at ?? 0) > kept.at) return
      put(key, kept)
      for (const oldest of entries.keys()) {
        if (size <= most) break
        drop(oldest)
      }
    },
  }
}
