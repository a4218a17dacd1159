/** One of a list, each as likely. */
export function choice<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T
}

const weights = new Map<number, Float64Array>()

/** One of a list that has the most popular first: the nth is asked for 1/n as often as the first (Zipf's law). */
export function popular<T>(list: readonly T[]): T {
  const sums = weights.get(list.length) ?? sumsOf(list.length)
  const wanted = Math.random() * (sums[sums.length - 1] ?? 0)
  let [low, high] = [0, list.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return list[low] as T
}

function sumsOf(length: number): Float64Array {
  const sums = new Float64Array(length)
  let sum = 0
  for (let index = 0; index < length; index++) {
    sum += 1 / (index + 1)
    sums[index] = sum
  }
  weights.set(length, sums)
  return sums
}

/** Every request comes from an address of its own, as shoppers do; one address would be limited. */
export const address = (): Record<string, string> => {
  const part = () => 1 + Math.floor(Math.random() * 250)
  return { 'cf-connecting-ip': `10.${part()}.${part()}.${part()}` }
}
