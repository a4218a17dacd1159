import type { Hit } from './index-store'
import type { Passage } from './retrieval'

/** How little it matters to be first rather than second. Source: Cormack, Clarke, Büttcher, Reciprocal Rank Fusion, SIGIR 2009 */
const smoothing = 60
/** What the strongest interest adds: as much as moving up by about three places, so that it decides between near equals alone. */
const interestShare = 0.05

/** Of each source its best passage, in the order of a ranking. */
export function bestOfEach(ranking: readonly Hit[]): Hit[] {
  const sources = new Map<string, Hit>()
  for (const hit of ranking) if (!sources.has(hit.source)) sources.set(hit.source, hit)
  return [...sources.values()]
}

/**
 * One ranking of several by reciprocal rank fusion, with at most one passage per source: that of the ranking which comes first. Of products
 * of one seller that say the same, the best alone is left. `interests` are categories with weights in 0..1.
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
  const said = new Set<string>()
  return ranked
    .filter(({ hit }) => isFirst(said, hit))
    .slice(0, limit)
    .map(({ hit: { kind, source, title, section, text }, score }) => ({ kind, sourceId: source, title, section, text, score }))
}

const weightOf = (interests: Record<string, number>, category: string | null): number =>
  category !== null && Object.hasOwn(interests, category) ? Math.min(1, Math.max(0, interests[category] ?? 0)) : 0

function isFirst(said: Set<string>, { kind, seller, title, digest }: Hit): boolean {
  const key = JSON.stringify([kind, seller, title, digest])
  if (said.has(key)) return false
  said.add(key)
  return true
}
