import { type Faults, nameOf, type Point } from './point'

/** Where a script faults: at the `nth` time, counted from 1, that a point is met. */
export type ScriptedFault = { point: string; nth: number; do: 'fail' | 'crash'; when: 'before' | 'after' }

/** Written as it is read by `parseStrike`: `crash after order write orders.insertOne #1`. */
export const faultName = ({ point, nth, do: what, when }: ScriptedFault): string => `${what} ${when} ${point} #${nth}`

/** The fault of a name, to replay one. */
export function parseFault(name: string): ScriptedFault {
  const { what, when, point, nth } =
    name.match(/^(?<what>fail|crash) (?<when>before|after) (?<point>.+) #(?<nth>\d+)$/)?.groups ?? {}
  if (!what || !when || !point) throw new TypeError(`No fault: ${name}`)
  return { point, nth: Number(nth), do: what as ScriptedFault['do'], when: when as ScriptedFault['when'] }
}

/** Faults that a test scripts: at most one fault, and a list of all points that were met. */
export function scriptedFaults() {
  const script = {
    /** What is yet to fault; null when it has, or nothing shall. */
    pendingFault: null as ScriptedFault | null,
    met: [] as (Point & { nth: number })[],
    /** Begins to count anew, with or without a fault. */
    begin: (fault: ScriptedFault | null = null) => {
      script.pendingFault = fault
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
    return script.pendingFault?.point === name && script.pendingFault.nth === nth
  }
  const faults: Faults = {
    meet: (points) => {
      const index = points.map(meetOne).indexOf(true)
      const { pendingFault } = script
      if (index < 0 || !pendingFault) return 'pass'
      script.pendingFault = null
      return { do: pendingFault.do, when: pendingFault.when, index }
    },
  }
  return Object.assign(script, { faults })
}
