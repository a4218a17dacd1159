import type { Instant } from '../contracts/ids'

/** A cached answer: its text, and the few facts that decide who may see it. */
export type Answer = {
  facts: Record<string, string | number>
  text: string
  /** Keys in Redis that point to this answer, each with the name of its cache entry. */
  names?: Record<string, string>
}

/** An answer with the instant it was loaded and the version token that was current before. */
export type Kept = Answer & { versionToken: string; at: Instant; freshUntil: Instant }

export type Memory = {
  get(key: string): Kept | undefined
  /** Keeps an answer, unless one is there that was loaded later. */
  set(key: string, kept: Kept): void
}

/** Characters of all texts: what an isolate can spare of its 128 MB. */
const capacity = 16_000_000

/** Answers in an isolate's memory; the least recently used are dropped first. */
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
