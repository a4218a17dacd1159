import type { EventData } from '../../shared/contracts/events'
import type { Availability } from '../../shared/contracts/facts'
import type { Instant } from '../../shared/contracts/ids'
import { type Contribution, lowVariants } from './sums'

/** What an aggregate was as of one of its versions. */
export type Told<T> = { version: number; at: Instant; value: T }
export type Status = EventData<'product.updated'>['status']

/** Whether a variant is to be seen to. What is not on sale need not be in stock. */
export const isLow = (availability: Availability | null, status: Status | null): boolean =>
  availability !== null && availability !== 'in' && (status ?? 'active') === 'active'

/** What was so from when on, by version: however clocks differ, none takes effect before the one that it follows. */
export function steps<T>(told: readonly Told<T>[]): { at: Instant; value: T }[] {
  const changes: { at: Instant; value: T }[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (const { at, value } of [...told].sort((a, b) => a.version - b.version)) {
    latest = Math.max(latest, at)
    if (changes.at(-1)?.value !== value) changes.push({ at: latest, value })
  }
  return changes
}

/** When a variant came to be counted as low or out, and when it ceased to be. */
export function lowContributions(levels: readonly Told<Availability>[], statuses: readonly Told<Status>[]): Contribution[] {
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
