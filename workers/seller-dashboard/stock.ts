import type { EventData } from '../../shared/contracts/events'
import type { Availability } from '../../shared/contracts/facts'
import type { Instant } from '../../shared/contracts/ids'
import { type Contribution, lowVariants } from './sums'

/** The value of an aggregate at one of its versions. */
export type Versioned<T> = { version: number; at: Instant; value: T }
export type Status = EventData<'product.updated'>['status']

/** Whether a variant counts as low. A product that is not on sale need not be in stock. */
export const isLow = (availability: Availability | null, status: Status | null): boolean =>
  availability !== null && availability !== 'in' && (status ?? 'active') === 'active'

/** The values over time, by version. However clocks differ, no version takes effect before the previous one. */
export function steps<T>(versions: readonly Versioned<T>[]): { at: Instant; value: T }[] {
  const changes: { at: Instant; value: T }[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (const { at, value } of [...versions].sort((a, b) => a.version - b.version)) {
    latest = Math.max(latest, at)
    if (changes.at(-1)?.value !== value) changes.push({ at: latest, value })
  }
  return changes
}

/** The times at which a variant began and ceased to count as low or out. */
export function lowContributions(
  levels: readonly Versioned<Availability>[],
  statuses: readonly Versioned<Status>[],
): Contribution[] {
  const changes = [
    ...steps(levels).map(({ at, value }) => ({ at, availability: value, status: undefined })),
    ...steps(statuses).map(({ at, value }) => ({ at, availability: undefined, status: value })),
  ].sort((a, b) => a.at - b.at)
  let [availability, status]: [Availability | null, Status | null] = [null, null]
  return changes.flatMap((change): Contribution[] => {
    const before = isLow(availability, status)
    availability = change.availability ?? availability
    status = change.status ?? status
    const after = isLow(availability, status)
    return after === before ? [] : [{ topic: lowVariants, figure: 'variants', at: change.at, amount: after ? 1 : -1 }]
  })
}
