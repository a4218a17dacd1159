import type { Hit, Passage } from './passage'

/** Damps the difference between neighbouring ranks. Source: Cormack, Clarke, Büttcher, Reciprocal Rank Fusion, SIGIR 2009 */
const smoothing = 60
/** What the strongest interest adds: about three ranks, so that it decides only between near equals. */
const interestShare = 0.05

/** The best passage of each source, in the order of a ranking. */
export function bestOfEach(ranking: readonly Hit[]): Hit[] {
  const sources = new Map<string, Hit>()
  for (const hit of ranking) if (!sources.has(hit.source)) sources.set(hit.source, hit)
  return [...sources.values()]
}

/**
 * One ranking of several by reciprocal rank fusion, with at most one passage per source: that of the first ranking that has one. Of one
 * seller's products with the same text, only the best is kept. `interests` maps categories to weights in 0..1.
 */
export function fuse(rankings: readonly (readonly Hit[])[], limit: number, interests: Record<string, number> = {}): Passage[] {
  const scored = new Map<string, { hit: Hit; score: number }>()
  for (const ranking of rankings) {
    bestOfEach(ranking).forEach((hit, index) => {
      const known = scored.get(hit.source)
      scored.set(hit.source, { hit: known?.hit ?? hit, score: (known?.score ?? 0) + 1 / (smoothing + index + 1) })
    })
  }
  const ranked = [...scored.values()]
    .map(({ hit, score }) => ({ hit, score: score * (1 + interestShare * weightOf(interests, hit.category)) }))
    .sort((a, b) => b.score - a.score)
  const seen = new Set<string>()
  return ranked
    .filter(({ hit }) => isFirst(seen, hit))
    .slice(0, limit)
    .map(({ hit: { kind, source, title, section, text }, score }) => ({ kind, sourceId: source, title, section, text, score }))
}

const weightOf = (interests: Record<string, number>, category: string | null): number =>
  category !== null && Object.hasOwn(interests, category) ? Math.min(1, Math.max(0, interests[category] ?? 0)) : 0

function isFirst(seen: Set<string>, { kind, seller, title, digest }: Hit): boolean {
  const key = JSON.stringify([kind, seller, title, digest])
  if (seen.has(key)) return false
  seen.add(key)
  return true
}
