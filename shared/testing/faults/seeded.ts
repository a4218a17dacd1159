import { seeded } from '../interleaving'
import type { Faults, Point, PointKind, Verdict } from './point'

export type FaultKind = 'fail before' | 'fail after' | 'crash before' | 'crash after' | 'delay' | 'twice'

export type SeededOptions = {
  /** What makes the choices; the same seed makes the same ones for the same sequence of points. */
  seed: number
  /** Of a thousand calls, how many are struck by each kind of fault. */
  perMille: Partial<Record<FaultKind, number>>
  /** The longest delay, in milliseconds. */
  longest?: number
  /** Faults are made only while this holds. */
  isActive?: () => boolean
  /** Called with each fault. */
  note?: (kind: FaultKind, point: Point) => void
}

/** Those that are harmless to do two times because their receivers expect it: queues deliver again, providers are asked again. */
const repeatable: readonly PointKind[] = ['send', 'provider']

/** Faults by chance, at rates. What cannot be repeated is never done twice. */
export function seededFaults({ seed, perMille, longest = 100, isActive = () => true, note = () => {} }: SeededOptions): Faults {
  const random = seeded(seed)
  const pick = (): FaultKind | undefined => {
    let left = random() * 1000
    for (const [kind, rate] of Object.entries(perMille) as [FaultKind, number][]) {
      left -= rate
      if (left < 0) return kind
    }
    return undefined
  }
  return {
    meet: (points) => {
      if (!isActive()) return 'pass'
      const index = Math.floor(random() * points.length)
      const point = points[index]
      const kind = pick()
      if (!kind || !point || (kind === 'twice' && !repeatable.includes(point.kind))) return 'pass'
      note(kind, point)
      return verdictOf(kind, index, () => Math.ceil(random() * longest))
    },
  }
}

function verdictOf(kind: FaultKind, index: number, delay: () => number): Verdict {
  switch (kind) {
    case 'fail before':
      return { do: 'fail', when: 'before', index }
    case 'fail after':
      return { do: 'fail', when: 'after', index }
    case 'crash before':
      return { do: 'crash', when: 'before', index }
    case 'crash after':
      return { do: 'crash', when: 'after', index }
    case 'delay':
      return { do: 'delay', milliseconds: delay() }
    case 'twice':
      return { do: 'twice' }
    default:
      return kind satisfies never
  }
}
