import { type Faults, nameOf, type Point } from './point'

/** Where a script strikes: at the `nth` time, counted from 1, that a point is met. */
export type Strike = { point: string; nth: number; do: 'fail' | 'crash'; when: 'before' | 'after' }

/** Written as it is read by `parseStrike`: `crash after order write orders.insertOne #1`. */
export const strikeName = ({ point, nth, do: what, when }: Strike): string => `${what} ${when} ${point} #${nth}`

/** The strike of a name, to replay one. */
export function parseStrike(name: string): Strike {
  const { what, when, point, nth } =
    name.match(/^(?<what>fail|crash) (?<when>before|after) (?<point>.+) #(?<nth>\d+)$/)?.groups ?? {}
  if (!what || !when || !point) throw new TypeError(`No strike: ${name}`)
  return { point, nth: Number(nth), do: what as Strike['do'], when: when as Strike['when'] }
}

/** Faults that a test scripts: at most one strike, and a list of all points that were met. */
export function scriptedFaults() {
  const script = {
    /** What is yet to strike; null when it has, or nothing shall. */
    strike: null as Strike | null,
    met: [] as (Point & { nth: number })[],
    /** Begins to count anew, with or without a strike. */
    begin: (strike: Strike | null = null) => {
      script.strike = strike
      script.met = []
      counts.clear()
    },
  }
  const counts = new Map<string, number>()
  const meetOne = (point: Point): boolean => {
    const name = nameOf(point)
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    script.met.push({ ...point, nth })
    return script.strike?.point === name && script.strike.nth === nth
  }
  const faults: Faults = {
    meet: (points) => {
      const index = points.map(meetOne).indexOf(true)
      const { strike } = script
      if (index < 0 || !strike) return 'pass'
      script.strike = null
      return { do: strike.do, when: strike.when, index }
    },
  }
  return Object.assign(script, { faults })
}
