/** The trigrams of a word: words that are spelt alike share some. */
export const trigramsOf = (word: string): string[] => {
  const letters = [...word]
  return letters.slice(2).map((_, index) => letters.slice(index, index + 3).join(''))
}

/** The ways to split a word that may be two written as one; each part has at least three letters. */
export const splitsOf = (word: string): [string, string][] => {
  const letters = [...word]
  return letters.slice(5).map((_, index) => [letters.slice(0, index + 3).join(''), letters.slice(index + 3).join('')])
}

/** How many typing errors a word may have: none in a short one, where each would make another word. */
const errorsAllowed = (word: string): number => (word.length < 4 ? 0 : word.length < 7 ? 1 : 2)

/** The known words nearest to a misspelt one: those with the fewest typing errors. The first letter is taken to be right. */
export function nearest(word: string, known: readonly string[]): string[] {
  const candidates = [...new Set(known)].filter((candidate) => candidate[0] === word[0])
  const distances = candidates.map((candidate) => ({ candidate, distance: errorsBetween(word, candidate) }))
  const least = Math.min(...distances.map(({ distance }) => distance))
  return least > errorsAllowed(word) ? [] : distances.flatMap(({ candidate, distance }) => (distance === least ? candidate : []))
}

/** The optimal string alignment distance: letters left out, added, replaced, or swapped with a neighbour. */
function errorsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      next.push(swapped ? Math.min(cost, (before[j - 2] ?? 0) + 1) : cost)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
